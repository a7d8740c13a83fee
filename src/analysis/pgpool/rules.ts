import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import * as metrics from './metrics.ts';

export const watchdogRules: readonly Rule[] = [
  {
    name: 'MaasHaPgpoolDown',
    severity: 'warning',
    metric: metrics.up,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [
      // A pgpool that was killed leaves its address behind: that is told, and the address goes first.
      { alert: 'MaasHaVipLeftover', on: { node: 'node' } },
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
      { alert: 'MaasHaWatchdogTwoLeaders' },
    ],
    summary: 'The watchdog on {node} has lost {peer}: there is nobody to take over',
  },
  {
    name: 'MaasHaWatchdogHeartbeatUnstable',
    severity: 'warning',
    metric: metrics.separations,
    when: { above: 0 },
    // By then a cut that lasts is told as what it is, and counts no more.
    for: seconds(60),
    inhibitedBy: [
      { alert: 'MaasHaWatchdogTwoLeaders' },
      { alert: 'MaasHaWatchdogPeerLost' },
      { alert: 'MaasHaTrustedServersLost' },
    ],
    summary:
      'The watchdogs gave each other up though both ran ({value}x within an hour): heartbeats are lost',
  },
  {
    name: 'MaasHaPgpoolAllBackendsDetached',
    severity: 'critical',
    metric: metrics.allDetached,
    when: { equal: 1 },
    for: seconds(10),
    inhibitedBy: [{ alert: 'MaasHaNoPrimary' }],
    summary: 'pgpool has detached all databases: it lives and refuses every client',
  },
  {
    name: 'MaasHaPgpoolBackendDetached',
    severity: 'warning',
    metric: metrics.backendDetached,
    when: { equal: 1 },
    for: seconds(60),
    // This one speaks where the database only waits to be attached; whatever keeps it from being fit does else.
    inhibitedBy: [
      { alert: 'MaasHaPgpoolAllBackendsDetached' },
      { alert: 'MaasHaPgpoolBackendUnfit', on: { backend: 'backend' } },
      { alert: 'MaasHaPostgresDown', on: { backend: 'node' } },
      { alert: 'MaasHaNodeDown', on: { backend: 'node' } },
      { alert: 'MaasHaStandbyMissing', on: { backend: 'standby' } },
      { alert: 'MaasHaHistoryDiverged', on: { backend: 'node' } },
      { alert: 'MaasHaTwoPrimaries' },
      { alert: 'MaasHaWatchdogTwoLeaders' },
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
    // Nor does either half of a region that is cut in two reach the database of the other.
    inhibitedBy: [{ alert: 'MaasHaPostgresDown' }, { alert: 'MaasHaWatchdogTwoLeaders' }],
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
    inhibitedBy: [{ alert: 'MaasHaNoPrimary' }, { alert: 'MaasHaPgpoolAllBackendsDetached' }],
    summary: 'pgpool knows no primary that it may use: nothing can be written through the VIP',
  },
];
