import { defineCheck, gap, skip, type Note } from '../src/core/check.ts';
import { seconds } from '../src/core/time.ts';
import { ask, misfit, tell } from '../src/analysis/maas/ask.ts';
import { openMaas } from '../src/analysis/maas/database.ts';
import { liveProcesses, rackConnections } from '../src/analysis/maas/questions.ts';
import { rackRules } from '../src/analysis/maas/rack-rules.ts';
import { connected, count, missing, rackNotes } from '../src/analysis/maas/racks.ts';

export default defineCheck({
  name: 'rack-connections',
  about: 'Which racks are connected to how many of the region processes (MAAS 2.0 and later).',
  every: '30s',
  timeout: seconds(12),
  absence: ({ postgres, generation }) => {
    if (generation === 1)
      return 'MAAS 1.x does not keep in its database who is connected (`generation: 1`)';
    return postgres === undefined ? 'no PostgreSQL is configured (section `postgres`)' : undefined;
  },
  metrics: [connected, missing, count],
  rules: rackRules,
  async run(region, { io }): Promise<readonly Note[]> {
    const server = region.postgres;
    if (server === undefined) {
      return [skip('racks', 'config', 'the configuration has no section `postgres`')];
    }
    const { desk, notes } = await openMaas(region, server, io);
    if (desk === undefined) return notes;
    const reader = { region, desk, role: server.user, check: 'rack-connections' };
    const unfit = misfit(reader);
    if (unfit !== undefined) return [...notes, gap('racks', unfit)];
    const pairs = await ask(reader, rackConnections);
    const live = await ask(reader, liveProcesses);
    return [
      ...notes,
      ...tell(pairs, (rows) => tell(live, (alive) => rackNotes(region, rows, alive, desk.lag))),
    ];
  },
});
