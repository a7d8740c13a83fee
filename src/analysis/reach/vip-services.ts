import type { Region } from '../../core/region.ts';

/** What must accept TCP connections at the virtual address, as far as the configuration names it. */
export function servicesOf(region: Region): readonly { service: string; port: number }[] {
  const url = new URL(region.maasUrl);
  const atVip = url.hostname.replaceAll(/[[\]]/g, '') === region.vip;
  const byScheme = url.protocol === 'https:' ? 443 : 80;
  const http = url.port === '' ? byScheme : Number(url.port);
  return [
    ...(atVip ? [{ service: 'http', port: http }] : []),
    ...(region.pgpool === undefined ? [] : [{ service: 'pgpool', port: region.pgpool.port }]),
    ...(region.dns === undefined ? [] : [{ service: 'dns', port: region.dns.masterPort }]),
    ...(region.proxy?.ports ?? []).map((port) => ({ service: `proxy-${port}`, port })),
  ];
}
