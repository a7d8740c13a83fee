import { z } from 'zod';
import { defineCheck, doesNotApply, remember, skip, type Note } from '../src/core/check.ts';
import { seconds } from '../src/core/time.ts';
import { compareAll, historySchema } from '../src/analysis/dns/compare.ts';
import { copiesSchema, lookAhead } from '../src/analysis/dns/copies.ts';
import * as metrics from '../src/analysis/dns/metrics.ts';
import { absences, countOf, hostNotes, upNotes } from '../src/analysis/dns/notes.ts';
import { rules } from '../src/analysis/dns/rules.ts';
import { ask, isGone, masterOf, query, slavePlaces } from '../src/analysis/dns/servers.ts';
import { observe } from '../src/core/metric.ts';

const remembered = z.object({ zones: historySchema, copies: copiesSchema });
type Remembered = z.infer<typeof remembered>;

export default defineCheck<Remembered>({
  name: 'dns-serial',
  about:
    'Whether every zone is served with authority, by all servers in the same version, and for how long.',
  every: '30s',
  timeout: seconds(6),
  absence: ({ dns }) =>
    dns === undefined || dns.zones.length === 0
      ? 'no zones are configured (section `dns`)'
      : undefined,
  metrics: Object.values(metrics),
  rules,
  run: async (region, { io, clock, memory }) => {
    const { dns, nodes } = region;
    if (dns === undefined || dns.zones.length === 0) {
      return [skip('dns', 'config', 'no zones are configured')];
    }
    const [{ zones }, at] = [dns, masterOf(region, dns)];
    // BIND answers few questions about itself a second over UDP and drops the rest; over TCP it answers all.
    const hostname = { name: 'hostname.bind', type: 'TXT', class: 'CH' } as const;
    const [host, master, ...asked] = await Promise.all([
      query(io, at, hostname, { transport: 'tcp' }),
      ask(io, at, zones),
      ...slavePlaces(region).map((place) => ask(io, place, zones, { expire: true })),
    ]);
    const before = remembered.safeParse(memory).data ?? { zones: {}, copies: {} };
    const now = { steady: clock.steady(), wall: clock.now() };
    const { copies, slaves, notes: ahead } = lookAhead(zones, master, asked, before.copies, now);
    const compared = compareAll(zones, master, slaves, before.zones, now);
    const known: Remembered = { zones: compared.histories, copies };
    return [
      ...upNotes(master, (up) => observe(metrics.masterUp, up, {})),
      ...hostNotes(host, nodes),
      ...slaves.flatMap((slave) =>
        upNotes(slave, (up) => observe(metrics.slaveUp, up, { node: slave.name })),
      ),
      ...countOf(slaves),
      ...compared.notes,
      ...ahead,
      ...zones.flatMap((zone): readonly Note[] => absences(zone, master, slaves)),
      ...slaves
        .filter((slave) => zones.every((zone) => isGone(master, zone) || isGone(slave, zone)))
        .map(({ name: server }) => doesNotApply(metrics.zonesOverdue, { server })),
      remember(known),
    ];
  },
});
