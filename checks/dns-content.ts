import type { z } from 'zod';
import { defineCheck, remember, skip } from '../src/core/check.ts';
import { seconds } from '../src/core/time.ts';
import {
  contentNotes,
  differs,
  memorySchema,
  rules,
  transferAll,
  zonesDiffering,
} from '../src/analysis/dns/content.ts';
import { masterOf, slavePlaces } from '../src/analysis/dns/servers.ts';

export default defineCheck<z.infer<typeof memorySchema>>({
  name: 'dns-content',
  about:
    'Whether the same serial means the same zone, by zone transfer where the servers allow it.',
  every: '5m',
  timeout: seconds(30),
  absence: ({ dns }) =>
    dns === undefined || dns.zones.length === 0 || dns.transfer !== true
      ? 'comparing whole zones is not asked for (`dns.transfer`)'
      : undefined,
  metrics: [differs, zonesDiffering],
  rules,
  run: async (region, { io, clock, memory }) => {
    const { dns } = region;
    if (dns === undefined || dns.zones.length === 0 || dns.transfer !== true) {
      return [skip('zones', 'config', 'comparing whole zones is not asked for (`dns.transfer`)')];
    }
    const [master, ...slaves] = await Promise.all([
      transferAll(io, masterOf(region, dns), dns.zones, clock),
      ...slavePlaces(region).map((place) => transferAll(io, place, dns.zones, clock)),
    ]);
    const before = memorySchema.safeParse(memory).data ?? {};
    const compared = contentNotes(dns.zones, master, slaves, before);
    return [...compared.notes, remember(compared.memory)];
  },
});
