import type { z } from 'zod';
import {
  defineCheck,
  evidence,
  remember,
  skip,
  type CheckContext,
  type Note,
} from '../src/core/check.ts';
import { attempt, known, lookByPcp, type PgpoolLook } from '../src/analysis/pgpool/look.ts';
import { absencesIn } from '../src/analysis/pgpool/absence.ts';
import { separations, watchdogMetrics } from '../src/analysis/pgpool/metrics.ts';
import { notesOn } from '../src/analysis/pgpool/notes.ts';
import { watchdogRules } from '../src/analysis/pgpool/rules.ts';
import {
  countOf,
  follow,
  separationMemory,
  standing,
  type Separations,
} from '../src/analysis/pgpool/separation.ts';
import { observe } from '../src/core/metric.ts';
import type { Node, Region } from '../src/core/region.ts';
import { between, formatDuration, seconds } from '../src/core/time.ts';
import { decodePoolNodes, SHOW_POOL_NODES } from '../src/analysis/pgpool/pool-nodes.ts';

type Memory = z.input<typeof separationMemory>;

/** Asked of every node at once: one pgpool can look perfect while the region is doubled. */
export default defineCheck<Memory>({
  name: 'pgpool-watchdog',
  about:
    'Asks every pgpool what it believes of its watchdog and its databases, and compares the views.',
  // What a loss of heartbeats shows by lasts 10 to 15 s: a look in that time must not be a matter of luck.
  every: '10s',
  timeout: seconds(5),
  absence: ({ pgpool }) =>
    pgpool === undefined ? 'no pgpool is configured (section `pgpool`)' : undefined,
  metrics: watchdogMetrics,
  rules: watchdogRules,
  async run(region, context) {
    const { pgpool } = region;
    if (pgpool === undefined) return [skip('pgpool', 'config', 'no pgpool is configured')];
    const { pcp } = pgpool;
    if (pcp !== undefined) {
      const asked = region.nodes.map((node) => lookByPcp(context.io.pcp, node, pcp));
      const looks = await Promise.all(asked);
      return [...notesTogether(region, looks), ...notesOnHistory(region, looks, context)];
    }
    const withoutPcp = skip(
      'pgpool',
      'config',
      'watchdog state needs PCP, and no PCP account is given',
    );
    const { postgres } = region;
    if (postgres === undefined) return [withoutPcp];
    const looks = region.nodes.map((node) =>
      lookBySql(context, node, { ...postgres, port: pgpool.port }),
    );
    return [...notesTogether(region, await Promise.all(looks)), withoutPcp];
  },
});

const notesTogether = (region: Region, looks: readonly PgpoolLook[]): readonly Note[] => [
  ...notesOn(region, looks),
  ...absencesIn(region, looks),
];

/** What only several looks, one after the other, can show. */
function notesOnHistory(
  region: Region,
  looks: readonly PgpoolLook[],
  { clock, memory, once }: CheckContext<Memory>,
): readonly Note[] {
  const now = clock.steady();
  const before: Separations = separationMemory.safeParse(memory).data ?? { brief: [] };
  const found = standing(region, looks);
  // The first look can show it, too, and none can show that there was none before.
  const after = follow(
    once && found === 'apart' ? { wholeAt: now, brief: [] } : before,
    found,
    now,
  );
  const count = countOf(after, now);
  return [
    ...(once && count === 0 ? [] : [observe(separations, count, {})]),
    ...(found === 'apart' && after.apartSince !== undefined ? [evidence('watchdog', APART)] : []),
    ...(after.brief.length === 0
      ? []
      : [
          evidence(
            'watchdog',
            `the watchdogs gave each other up and found each other again, last ${formatDuration(between(after.brief.at(-1) ?? now, now))} ago, while every pgpool answered: that is what lost heartbeats look like; whether they flow now is not seen from outside`,
          ),
        ]),
    remember(after),
  ];
}

const APART =
  'every pgpool runs and answers, and they have given each other up: their heartbeats (UDP) are lost, or the network between them is cut';

const SQL = { timeout: seconds(2) };

type Account = NonNullable<Region['postgres']>;

/** What pgpool tells any SQL client: its databases, and nothing of its watchdog. */
async function lookBySql(
  { io, clock }: Pick<CheckContext, 'io' | 'clock'>,
  node: Node,
  account: Account,
): Promise<PgpoolLook> {
  const began = clock.steady();
  const session = await attempt(io.postgres.open({ host: node.address, ...account }, SQL));
  if (!session.known) return { node, via: 'sql', login: session };
  const login = known(session.value.connected ?? between(began, clock.steady()));
  const rows = session.value.query(SHOW_POOL_NODES, SQL).then(decodePoolNodes);
  return { node, via: 'sql', login, backends: await attempt(rows) };
}
