import { defineCheck, skip } from '../src/core/check.ts';
import { seconds } from '../src/core/time.ts';
import {
  forward,
  outsideNotes,
  rules,
  transportBroken,
  transportNotes,
  up,
  upstream,
  walk,
} from '../src/analysis/dns/path.ts';
import { masterOf, slavePlaces } from '../src/analysis/dns/servers.ts';

export default defineCheck({
  name: 'dns-path',
  about:
    'Whether each DNS server answers over UDP and TCP, and resolves names outside of MAAS by way of the master.',
  every: '1m',
  timeout: seconds(8),
  absence: ({ dns }) =>
    dns === undefined || dns.zones.length === 0
      ? 'no zones are configured (section `dns`)'
      : undefined,
  metrics: [up, transportBroken, upstream, forward],
  rules,
  run: async (region, { io }) => {
    const { dns } = region;
    const zone = dns?.zones[0];
    if (dns === undefined || zone === undefined) {
      return [skip('dns', 'config', 'no zones are configured')];
    }
    const { outsideName } = dns;
    const [master, ...slaves] = await Promise.all([
      walk(io, masterOf(region, dns), zone, outsideName),
      ...slavePlaces(region).map((place) => walk(io, place, zone, outsideName)),
    ]);
    return [
      ...[master, ...slaves].flatMap(transportNotes),
      ...(outsideName === undefined
        ? [
            skip(
              'forwarding',
              'config',
              'no name outside of MAAS is configured (`dns.outside_name`)',
            ),
          ]
        : outsideNotes(outsideName, master, slaves)),
    ];
  },
});
