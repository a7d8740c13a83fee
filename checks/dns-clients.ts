import { slavePlaces } from '../src/analysis/dns/servers.ts';
import { askResolver } from '../src/analysis/resolvers/answers.ts';
import * as metrics from '../src/analysis/resolvers/metrics.ts';
import { notesOnResolvers } from '../src/analysis/resolvers/notes.ts';
import { rules } from '../src/analysis/resolvers/rules.ts';
import { defineCheck, skip } from '../src/core/check.ts';
import { slavesOf, type Region } from '../src/core/region.ts';
import { seconds } from '../src/core/time.ts';

const absence = (region: Region): string | undefined => {
  if (region.dns === undefined || region.dns.zones.length === 0)
    return 'no zones are configured (section `dns`)';
  return slavesOf(region).length === 0
    ? 'there is no slave DNS (`dns.slaves` is empty): machines ask servers that are not watched'
    : undefined;
};

export default defineCheck({
  name: 'dns-clients',
  about:
    'What deployed machines see: whether each of their resolvers gives them names of MAAS and outside, and how long a look-up takes.',
  every: '1m',
  timeout: seconds(8),
  absence,
  metrics: Object.values(metrics),
  rules,
  run: async (region, { io }) => {
    const { dns } = region;
    const reason = absence(region);
    if (dns === undefined || reason !== undefined)
      return [skip('dns', 'config', reason ?? 'no zones are configured')];
    return notesOnResolvers(
      await Promise.all(slavePlaces(region).map((place) => askResolver(io, place, dns))),
    );
  },
});
