import { defineCheck, evidence, gap, skip, type Note } from '../src/core/check.ts';
import { seconds } from '../src/core/time.ts';
import { maasZones, publication } from '../src/analysis/dns/maas-zones.ts';
import {
  missing,
  missingNotes,
  notFromDatabase,
  publicationNotes,
  published,
  rules,
} from '../src/analysis/dns/missing.ts';
import { ask as askServer, masterOf, slavePlaces } from '../src/analysis/dns/servers.ts';
import { ask, misfit, tell } from '../src/analysis/maas/ask.ts';
import { openMaas } from '../src/analysis/maas/database.ts';

export default defineCheck({
  name: 'dns-zones',
  about:
    'Whether every zone that the database of MAAS has is served, and what MAAS published last.',
  every: '1m',
  timeout: seconds(15),
  absence: ({ dns, postgres }) =>
    dns === undefined || postgres === undefined
      ? 'it compares DNS with the database of MAAS, and a section `dns` or `postgres` is missing'
      : undefined,
  metrics: [missing, published, notFromDatabase],
  rules,
  run: async (region, { io }) => {
    const { dns, postgres } = region;
    if (dns === undefined || postgres === undefined) {
      return [skip('zones', 'config', 'the configuration has no section `dns` or no `postgres`')];
    }
    const { desk, notes } = await openMaas(region, postgres, io);
    if (desk === undefined) return notes;
    const reader = { region, desk, role: postgres.user, check: 'dns-zones' };
    const unfit = misfit(reader);
    if (unfit !== undefined) return [...notes, gap('zones', unfit)];
    const { zones, notes: said } = await maasZones(reader);
    if (zones === undefined) return [...notes, ...said];
    const places = [masterOf(region, dns), ...slavePlaces(region)];
    const [master, ...slaves] = await Promise.all(
      places.map((place) => askServer(io, place, zones.names)),
    );
    if (master === undefined) return notes;
    // Only now: what is published while the master is asked must not pass for something that it lacks.
    const newest: readonly Note[] =
      region.generation === 1
        ? []
        : desk.recovering
          ? [evidence('publication', 'a standby may not have the newest one yet: not compared')]
          : tell(await ask(reader, publication), (rows) =>
              rows.flatMap((row) => publicationNotes(row, master)),
            );
    return [...notes, ...said, ...missingNotes(zones, dns.zones, master, slaves), ...newest];
  },
});
