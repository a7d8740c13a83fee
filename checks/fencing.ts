import { z } from 'zod';
import { canTellHolder, holderOf } from '../src/analysis/fence/holder.ts';
import { notesOnFence, notesOnReports, notesOnSessions } from '../src/analysis/fence/judge.ts';
import { metrics, rules } from '../src/analysis/fence/metrics.ts';
import { hbaMemory, lookAtPoolHba } from '../src/analysis/fence/pool-hba.ts';
import { lookAtReport } from '../src/analysis/fence/report.ts';
import { lookFromHere } from '../src/analysis/fence/self.ts';
import { lookAtSessions } from '../src/analysis/fence/sessions.ts';
import { askRegion } from '../src/analysis/region/rpc-info.ts';
import { defineCheck, evidence, gap, remember, skip, type Note } from '../src/core/check.ts';
import { CheckFailure } from '../src/core/failure.ts';
import type { Ports } from '../src/core/ports/ports.ts';
import type { Region } from '../src/core/region.ts';
import { between, instant, type Clock, seconds } from '../src/core/time.ts';

const HTTP = { timeout: seconds(3) };
const NOTHING = 'nothing is said of a fence (section `fencing`)';

const remembered = z.object({
  /** Who held the address, and from when on that was seen. */
  held: z.object({ by: z.string(), since: z.number() }).optional(),
  poolHba: hbaMemory,
});

export default defineCheck<z.input<typeof remembered>>({
  name: 'fencing',
  about:
    'Is the node that is not active kept from PostgreSQL? By what it says itself, its application, and sessions.',
  every: '15s',
  timeout: seconds(10),
  absence: ({ fencing }) => (fencing === undefined ? NOTHING : undefined),
  metrics,
  rules,
  run: async (region, { io, clock, memory, once }) => {
    const { fencing } = region;
    if (fencing === undefined) return [skip('fence', 'config', NOTHING)];
    if (fencing.self !== undefined) return lookFromHere(region, fencing.self, { io, clock });
    const before = remembered.safeParse(memory).data ?? { poolHba: {} };
    const now = clock.steady();
    const first = await holderOf(region, io, { thorough: false });
    const [view, poolHba] = await Promise.all([
      lookAround(region, io, clock),
      lookAtPoolHba(region, io, before.poolHba, now),
    ]);
    const after = await holderOf(region, io, { thorough: true });
    const holder = first === after ? first : undefined;
    const told = [
      ...notesOnReports(view.reports),
      ...notesOnSessions(region, view.sessions),
      ...poolHba.notes,
    ];
    if (holder === undefined)
      return [noHolder(region), ...told, remember({ ...before, poolHba: poolHba.memory })];
    const held = before.held?.by === holder ? before.held : { by: holder, since: now };
    const since = once ? undefined : between(instant(held.since), now);
    return [
      evidence('vip', `${holder} is the active node`),
      ...notesOnFence(region, view, { holder, since }),
      ...told,
      remember({ held, poolHba: poolHba.memory }),
    ];
  },
});

async function lookAround(region: Region, io: Ports, clock: Clock) {
  const { nodes } = region;
  const [applications, reports, sessions] = await Promise.all([
    Promise.all(
      nodes.map(
        async ({ name, address }) =>
          [name, await askRegion(io, region, { ...HTTP, host: address })] as const,
      ),
    ),
    Promise.all(nodes.map(({ name }) => lookAtReport(region, name, io, clock.now()))),
    lookAtSessions(region, io),
  ]);
  return { applications: new Map(applications), reports, sessions };
}

const noHolder = (region: Region): Note =>
  gap(
    'vip',
    canTellHolder(region)
      ? new CheckFailure(
          'dependency',
          'it is not known which node is the active one, or that changes: whoever it is may reach the database',
        )
      : new CheckFailure(
          'config',
          'nothing that is configured tells which node is the active one: `marker`, `dns` or `pgpool` with PCP would',
        ),
  );
