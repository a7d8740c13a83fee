import { CheckFailure } from '../../core/failure.ts';
import type { Endpoint } from '../../core/ports/network.ts';
import { seconds, type Clock } from '../../core/time.ts';
import { shakeHands } from '../clusters/handshake.ts';
import { askRegion } from '../region/rpc-info.ts';
import { denied, granted, notKnown, tried, type Asker, type Right } from './right.ts';

const HTTP = { timeout: seconds(5) };

/** The region's page of event loops, and its shared secret. */
export async function maasRpcRights(asker: Asker, clock: Clock): Promise<readonly Right[]> {
  const { io, region } = asker;
  const page = {
    checks: ['cluster-controllers', 'region-active'],
    what: 'read which event loops the region has (/rpc/)',
    where: 'vip',
  };
  const asked = await tried(askRegion(io, region, HTTP));
  const info = asked instanceof CheckFailure ? asked : asked.info;
  if (info instanceof CheckFailure) {
    return [
      info.code === 'tls'
        ? denied(page, info.message, {
            host: 'monitor',
            into: 'maasha.yaml, the region',
            lines: ['maas_tls: { ca_file: /etc/maasha/ca.pem, server_name: maas.example.org }'],
          })
        : notKnown(page, info.message),
    ];
  }
  if (['down', 'hangs', 'unreachable', 'other'].includes(info.state))
    return [notKnown(page, info.says)];
  const endpoints =
    info.loops === undefined || info.loops === 'unknown'
      ? []
      : info.loops.flatMap((each) => each.endpoints);
  // What is advertised may be anything; only the region's own nodes are greeted.
  const at = endpoints.find(({ host }) => region.nodes.some(({ address }) => address === host));
  return [granted(page), ...(at === undefined ? [] : [await secretRight(asker, clock, at)])];
}

/** The monitor says `Authenticate`, which changes nothing, and never answers what the region asks. */
async function secretRight(
  { io, region }: Asker,
  clock: Clock,
  endpoint: Endpoint,
): Promise<Right> {
  const about = {
    checks: ['cluster-controllers'],
    what: 'tell a wrong RPC secret from a dead event loop',
    where: region.nodes.find(({ address }) => address === endpoint.host)?.name ?? endpoint.host,
    needed: false,
  };
  const { secret } = region.rpc;
  const remedy = {
    host: 'monitor',
    into: 'maasha.yaml, the region; the file from /var/lib/maas/secret of a region controller',
    lines: ['rpc: { secret_file: /etc/maasha/rpc }'],
  };
  if (secret === undefined) return denied(about, 'no secret is configured', remedy);
  const shaken = await shakeHands({ io, clock }, endpoint, secret);
  if (shaken.kind !== 'answered') return notKnown(about, shaken.says);
  if (shaken.secretValid === undefined) return notKnown(about, shaken.says ?? 'it does not tell');
  return shaken.secretValid
    ? granted(about)
    : denied(about, 'the region holds another secret than the one configured', remedy);
}
