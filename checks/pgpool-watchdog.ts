import { defineCheck, skip, type CheckContext, type Note } from '../src/core/check.ts';
import { attempt, known, lookByPcp, type PgpoolLook } from '../src/analysis/pgpool/look.ts';
import { absencesIn } from '../src/analysis/pgpool/absence.ts';
import * as metrics from '../src/analysis/pgpool/notes.ts';
import type { Node, Region } from '../src/core/region.ts';
import type { Rule } from '../src/core/rule.ts';
import { between, seconds } from '../src/core/time.ts';
import { decodePoolNodes, SHOW_POOL_NODES } from '../src/analysis/pgpool/pool-nodes.ts';

const rules: readonly Rule[] = [
  {
    name: 'MaasHaPgpoolDown',
    severity: 'warning',
    metric: metrics.up,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaNodeDown', on: { node: 'node' } },
      { alert: 'MaasHaMonitorIsolated' },
      // Both are down: one message. What outlives the lack of a leader is told then.
      { alert: 'MaasHaWatchdogNoLeader' },
    ],
    summary: 'pgpool on {node} does not answer: if the other node fails too, the VIP is gone',
  },
  {
    name: 'MaasHaWatchdogNoLeader',
    severity: 'critical',
    metric: metrics.leaders,
    when: { equal: 0 },
    for: seconds(20),
    inhibitedBy: [
      { alert: 'MaasHaTrustedServersLost' },
      { alert: 'MaasHaMonitorIsolated' },
      { alert: 'MaasHaRegionDown' },
    ],
    summary: 'No pgpool leads the watchdog: nobody holds the VIP or will take it over',
  },
  {
    name: 'MaasHaWatchdogTwoLeaders',
    severity: 'critical',
    metric: metrics.leaders,
    when: { above: 1 },
    for: seconds(0),
    confirm: true,
    summary:
      '{value} watchdog leaders at once: the region may be doubled, and both halves may write',
  },
  {
    name: 'MaasHaWatchdogQuorumLost',
    severity: 'critical',
    metric: metrics.quorum,
    where: { state: 'absent' },
    when: { equal: 1 },
    for: seconds(15),
    inhibitedBy: [{ alert: 'MaasHaTrustedServersLost' }],
    summary: 'The watchdog on {node} has no quorum: it drops the VIP and fails nothing over',
  },
  {
    name: 'MaasHaWatchdogPeerLost',
    severity: 'warning',
    metric: metrics.peerLost,
    when: { equal: 1 },
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaPgpoolDown', on: { peer: 'node' } },
      { alert: 'MaasHaNodeDown', on: { peer: 'node' } },
    ],
    summary: 'The watchdog on {node} has lost {peer}: there is nobody to take over',
  },
  {
    name: 'MaasHaPgpoolBackendDetached',
    severity: 'warning',
    metric: metrics.backendDetached,
    when: { equal: 1 },
    for: seconds(60),
    inhibitedBy: [
      { alert: 'MaasHaPostgresDown', on: { backend: 'node' } },
      { alert: 'MaasHaNodeDown', on: { backend: 'node' } },
    ],
    summary: 'pgpool has detached the database on {backend} and will never re-attach it by itself',
  },
  {
    name: 'MaasHaPgpoolBackendHangs',
    severity: 'critical',
    metric: metrics.hangs,
    when: { equal: 1 },
    for: seconds(20),
    // It does not say which one: any that does not serve is it.
    inhibitedBy: [{ alert: 'MaasHaPostgresDown' }],
    summary:
      'pgpool on {node} waits for a database that hangs: SQL through the VIP may stand still',
  },
  {
    name: 'MaasHaPgpoolHeadless',
    severity: 'critical',
    metric: metrics.headless,
    when: { equal: 1 },
    for: seconds(15),
    summary:
      'The main process of pgpool on {node} is dead: its orphans serve a view that never changes',
  },
  {
    name: 'MaasHaPgpoolViewsDisagree',
    severity: 'warning',
    metric: metrics.agree,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [{ alert: 'MaasHaWatchdogTwoLeaders' }, { alert: 'MaasHaPgpoolHeadless' }],
    summary: 'The pgpools disagree on the state of the databases: a failover would go wrong',
  },
  {
    name: 'MaasHaPgpoolNoPrimary',
    severity: 'critical',
    metric: metrics.primary,
    when: { equal: 0 },
    for: seconds(15),
    inhibitedBy: [{ alert: 'MaasHaNoPrimary' }],
    summary: 'pgpool knows no primary that it may use: nothing can be written through the VIP',
  },
];

/** Asked of every node at once: one pgpool can look perfect while the region is doubled. */
export default defineCheck({
  name: 'pgpool-watchdog',
  about:
    'Asks every pgpool what it believes of its watchdog and its databases, and compares the views.',
  every: '15s',
  timeout: seconds(5),
  absence: ({ pgpool }) =>
    pgpool === undefined ? 'no pgpool is configured (section `pgpool`)' : undefined,
  metrics: [
    metrics.up,
    metrics.loginTime,
    metrics.peerState,
    metrics.peerLost,
    metrics.quorum,
    metrics.leaders,
    metrics.alive,
    metrics.configured,
    metrics.escalated,
    metrics.backendState,
    metrics.backendRole,
    metrics.backendMismatch,
    metrics.backendDetached,
    metrics.hangs,
    metrics.headless,
    metrics.agree,
    metrics.primary,
  ],
  rules,
  async run(region, context) {
    const { pgpool } = region;
    if (pgpool === undefined) return [skip('pgpool', 'config', 'no pgpool is configured')];
    const { pcp } = pgpool;
    if (pcp !== undefined) {
      const looks = region.nodes.map((node) => lookByPcp(context.io.pcp, node, pcp));
      return notesOn(region, await Promise.all(looks));
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
    return [...notesOn(region, await Promise.all(looks)), withoutPcp];
  },
});

const notesOn = (region: Region, looks: readonly PgpoolLook[]): readonly Note[] => [
  ...metrics.notesOn(region, looks),
  ...absencesIn(region, looks),
];

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
