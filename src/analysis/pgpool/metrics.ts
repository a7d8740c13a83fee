import { gauge, stateset } from '../../core/metric.ts';
import {
  BACKEND_ROLES,
  BACKEND_STATES,
  QUORUM_STATES,
  WATCHDOG_STATES,
} from '../../core/ports/pcp.ts';

/* What is measured of pgpool: by its own word, over PCP or SQL. */

export const up = gauge({
  name: 'maasha_pgpool_up',
  help: 'Whether pgpool on the node let the monitor in (1), or is closed or silent (0).',
  labels: ['node'],
});
export const loginTime = gauge({
  name: 'maasha_pgpool_login_seconds',
  help: 'Time that it took the monitor to connect to pgpool on the node and to log in.',
  labels: ['node'],
});
export const peerState = stateset({
  name: 'maasha_pgpool_watchdog_node_state',
  help: 'State of the watchdog member `peer` in the view of `node`; exactly one state is 1.',
  labels: ['node', 'peer'],
  states: WATCHDOG_STATES,
});
export const peerLost = gauge({
  name: 'maasha_pgpool_watchdog_peer_lost',
  help: 'Whether the watchdog on `node` has lost its member `peer` or knows it as dead or shut down (1).',
  labels: ['node', 'peer'],
});
export const quorum = stateset({
  name: 'maasha_pgpool_watchdog_quorum',
  help: "State of the watchdog's quorum in the view of the node; `edge` is normal for two nodes.",
  labels: ['node'],
  states: QUORUM_STATES,
});
export const leaders = gauge({
  name: 'maasha_pgpool_watchdog_leaders',
  help: 'Nodes that claim to lead the watchdog or are named as leader by any node; 1 is healthy.',
  labels: [],
});
export const alive = gauge({
  name: 'maasha_pgpool_watchdog_nodes_alive',
  help: 'Members that the watchdog on the node sees as leader or standby, itself included.',
  labels: ['node'],
});
export const configured = gauge({
  name: 'maasha_pgpool_watchdog_nodes_configured',
  help: 'Members that the watchdog on the node is configured with, itself included.',
  labels: ['node'],
});
export const escalated = gauge({
  name: 'maasha_pgpool_watchdog_escalated',
  help: 'Whether pgpool on the node has escalated (1), which means that it should hold the VIP.',
  labels: ['node'],
});
export const backendState = stateset({
  name: 'maasha_pgpool_backend_state',
  help: 'State of the database on `backend` for pgpool on `node`; `up` and `waiting` are healthy.',
  labels: ['node', 'backend'],
  states: BACKEND_STATES,
});
export const backendRole = stateset({
  name: 'maasha_pgpool_backend_role',
  help: 'Role of the database on `backend` for pgpool on `node`; exactly one role is 1.',
  labels: ['node', 'backend'],
  states: BACKEND_ROLES,
});
export const backendMismatch = gauge({
  name: 'maasha_pgpool_backend_mismatch',
  help: 'Whether what pgpool on `node` believes of `backend` differs from what it saw there just now (1).',
  labels: ['node', 'backend', 'kind'],
});
export const backendDetached = gauge({
  name: 'maasha_pgpool_backend_detached',
  help: "Whether the database is down or in quarantine in the watchdog leader's view (1) and gets no work.",
  labels: ['backend'],
});
export const hangs = gauge({
  name: 'maasha_pgpool_backend_hangs',
  help: 'Whether pgpool on the node answers for its watchdog but not for its databases (1): one hangs.',
  labels: ['node'],
});
export const headless = gauge({
  name: 'maasha_pgpool_headless',
  help: 'Whether only orphans of a dead pgpool answer on the node (1), with a view that never changes.',
  labels: ['node'],
});
export const agree = gauge({
  name: 'maasha_pgpool_views_agree',
  help: 'Whether all pgpools that could be asked show the same databases in the same roles (1).',
  labels: [],
});
export const primary = gauge({
  name: 'maasha_pgpool_primary_available',
  help: "Whether the watchdog leader's view has a primary that is in use (1), or nobody can write (0).",
  labels: [],
});
export const allDetached = gauge({
  name: 'maasha_pgpool_all_backends_detached',
  help: "Whether every database is detached in the watchdog leader's view (1), so that pgpool refuses all clients, or at least one is in use (0).",
  labels: [],
});
export const separations = gauge({
  name: 'maasha_pgpool_watchdog_separations',
  help: 'How often within the last hour the watchdogs gave each other up for less than a minute while all of them ran, as far as the monitor watched; 0 is healthy.',
  labels: [],
});

export const watchdogMetrics = [
  up,
  loginTime,
  peerState,
  peerLost,
  quorum,
  leaders,
  alive,
  configured,
  escalated,
  backendState,
  backendRole,
  backendMismatch,
  backendDetached,
  allDetached,
  hangs,
  headless,
  agree,
  primary,
  separations,
] as const;
