import { REGION_STATES } from '../region/rpc-info.ts';
import { gauge, stateset } from '../../core/metric.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

/* What is measured of the region's RPC and of the clusters' hosts, and what is bad about it. */

export const httpSuccess = gauge({
  name: 'maasha_region_rpc_http_success',
  help: "Whether the region's /MAAS/rpc/ at its URL answered the monitor with 200 and JSON (1).",
  labels: [],
});
export const httpTime = gauge({
  name: 'maasha_region_rpc_http_seconds',
  help: "Time that the region's /MAAS/rpc/ took to answer the monitor, whatever it answered.",
  labels: [],
});
export const urlState = stateset({
  name: 'maasha_region_url_state',
  help: 'What the region application at maas_url is like: active (it answers from its database), no_database, starting, down, hangs, unreachable or other.',
  labels: [],
  states: REGION_STATES,
});
export const database = gauge({
  name: 'maasha_region_database',
  help: 'Whether the region application at maas_url can use its database (1) or runs without one (0); absent while it does not run.',
  labels: [],
});
export const loopsKnown = gauge({
  name: 'maasha_region_rpc_event_loops_known',
  help: 'Whether the region knows its event loops (1), or says that it does not (0), as MAAS 1.7 to 2.3 do while their RPC service is not running.',
  labels: [],
});
export const eventLoops = gauge({
  name: 'maasha_region_rpc_event_loops',
  help: 'Event loops that the region advertises to its clusters, with an address; not how many clusters are connected.',
  labels: [],
});
export const nodeLoops = gauge({
  name: 'maasha_region_rpc_node_event_loops',
  help: 'Event loops of this node that the region advertises to its clusters; that says nothing of whether they live.',
  labels: ['node'],
});
export const handshake = gauge({
  name: 'maasha_region_rpc_handshake_success',
  help: 'Whether every event loop of the node greeted the monitor and answered it (1); loops that are gone count only where no other answers.',
  labels: ['node'],
});
export const handshakeTime = gauge({
  name: 'maasha_region_rpc_handshake_seconds',
  help: "Time of the slowest handshake with the node's event loops, from connecting to the answer.",
  labels: ['node'],
});
export const loopStale = gauge({
  name: 'maasha_region_rpc_loop_stale',
  help: 'Whether the region lists an event loop of the node that has been gone for longer than MAAS keeps such a row, 300 s or from 2.0 on 150 s (1), or not (0).',
  labels: ['node'],
});
export const secretValid = gauge({
  name: 'maasha_region_rpc_secret_valid',
  help: "Whether every event loop of the node proved that it holds the region's configured secret (1).",
  labels: ['node'],
});
export const reachable = gauge({
  name: 'maasha_cluster_reachable',
  help: "Whether the cluster controller's host answers the monitor by ICMP or TCP (1).",
  labels: ['cluster'],
});
export const reachableCount = gauge({
  name: 'maasha_clusters_reachable',
  help: 'Configured cluster controllers whose hosts answer the monitor by ICMP or TCP.',
  labels: [],
});

/** The application's way to its database is through pgpool; what is wrong there is told there. */
const byDatabase = [
  { alert: 'MaasHaVipServiceDown', where: { service: 'pgpool' } },
  { alert: 'MaasHaPgpoolBackendHangs' },
  { alert: 'MaasHaPgpoolNoPrimary' },
  { alert: 'MaasHaNoPrimary' },
  { alert: 'MaasHaVipSqlDown' },
];
/** After a failover the application is restarted, and rows of the table come back within a minute. */
const byFailover = [
  { alert: 'MaasHaFailover' },
  { alert: 'MaasHaFailoverIncomplete' },
  { alert: 'MaasHaRegionStuckAfterFailover' },
];

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaRegionRpcDown',
    severity: 'critical',
    metric: httpSuccess,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaVipServiceDown', where: { service: 'http' } },
      { alert: 'MaasHaAppBackendGone' },
      { alert: 'MaasHaRegionDatabaseGone' },
      ...byDatabase,
      ...byFailover,
    ],
    summary: 'The region does not tell its clusters where to connect: they drop out one by one',
  },
  {
    name: 'MaasHaRegionDatabaseGone',
    severity: 'critical',
    metric: database,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [...byDatabase, ...byFailover],
    summary:
      'The region application runs and cannot use its database: MAAS answers every request with an error',
  },
  {
    name: 'MaasHaRegionRpcLoopsUnknown',
    severity: 'warning',
    metric: loopsKnown,
    when: { equal: 0 },
    // While it starts that is normal; clusters keep the connections that they have.
    for: seconds(300),
    inhibitedBy: byFailover,
    summary: 'The region does not know its own event loops: no cluster can connect anew',
  },
  {
    name: 'MaasHaRegionRpcNoEventLoops',
    severity: 'critical',
    metric: eventLoops,
    when: { equal: 0 },
    // The table is empty after every promotion, and filled at a refresh that comes each minute.
    for: seconds(120),
    inhibitedBy: [{ alert: 'MaasHaRegionRpcDown' }, ...byFailover],
    summary: 'The region advertises no event loop: no cluster can connect until it is restarted',
  },
  {
    name: 'MaasHaRegionRpcLoopSilent',
    severity: 'critical',
    metric: handshake,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaNodeDown', on: { node: 'node' } },
      { alert: 'MaasHaVipUnreachable' },
      { alert: 'MaasHaMonitorIsolated' },
      ...byFailover,
    ],
    summary: 'An event loop that {node} advertises does not answer: clusters lose their commands',
  },
  {
    name: 'MaasHaRegionLoopStale',
    severity: 'warning',
    metric: loopStale,
    when: { equal: 1 },
    for: seconds(0),
    inhibitedBy: [
      { alert: 'MaasHaRegionRpcLoopSilent', on: { node: 'node' } },
      { alert: 'MaasHaRegionStuckAfterFailover' },
      { alert: 'MaasHaRegionDetachedFromDatabase' },
    ],
    summary:
      'The region still lists an event loop of {node} that has long been gone: nobody clears its table',
  },
  {
    name: 'MaasHaRegionRpcSecretWrong',
    severity: 'critical',
    metric: secretValid,
    when: { equal: 0 },
    for: seconds(0),
    summary: 'The region on {node} runs with another secret than configured: clusters refuse it',
  },
  {
    name: 'MaasHaClusterUnreachable',
    severity: 'warning',
    metric: reachable,
    when: { equal: 0 },
    for: seconds(120),
    inhibitedBy: [{ alert: 'MaasHaAllClustersUnreachable' }, { alert: 'MaasHaMonitorIsolated' }],
    summary: 'Cluster controller {cluster} is not there: its machines can neither boot nor deploy',
  },
  {
    name: 'MaasHaAllClustersUnreachable',
    severity: 'critical',
    metric: reachableCount,
    when: { equal: 0 },
    for: seconds(60),
    inhibitedBy: [{ alert: 'MaasHaMonitorIsolated' }],
    summary: 'No cluster controller is there: nothing can boot or deploy anywhere',
  },
];
