import type { Region } from '../../core/region.ts';

/** Label value for everything that MAAS knows and the configuration does not: one, so that labels stay bounded. */
export const UNCONFIGURED = 'unconfigured';

const short = (host: string): string => host.toLowerCase().split('.')[0] ?? '';

/** The configured name of the host that MAAS calls so, with or without its domain. */
export function controllerOf(
  { nodes, clusters }: Pick<Region, 'nodes' | 'clusters'>,
  hostname: string,
): string {
  const configured = [...nodes, ...clusters];
  const found =
    configured.find(({ name }) => name.toLowerCase() === hostname.toLowerCase()) ??
    configured.find(({ name }) => short(name) === short(hostname));
  return found?.name ?? UNCONFIGURED;
}

/** The values by the configured name that their host has. */
export function byController<Value extends { readonly hostname: string }>(
  region: Pick<Region, 'nodes' | 'clusters'>,
  values: readonly Value[],
): ReadonlyMap<string, readonly Value[]> {
  const grouped = new Map<string, Value[]>();
  for (const value of values) {
    const name = controllerOf(region, value.hostname);
    grouped.set(name, [...(grouped.get(name) ?? []), value]);
  }
  return grouped;
}
