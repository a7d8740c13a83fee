import { evidence, gap, skip, type Note } from '../../core/check.ts';
import { isSilence } from '../../core/failure.ts';
import { gauge, observe, observeState, stateset } from '../../core/metric.ts';
import type { PgpoolLook } from './look.ts';
import * as views from './views.ts';
import {
  BACKEND_ROLES,
  BACKEND_STATES,
  QUORUM_STATES,
  WATCHDOG_STATES,
  type BackendView,
  type WatchdogView,
} from '../../core/ports/pcp.ts';
import { printable } from '../../core/printable.ts';
import type { Region } from '../../core/region.ts';

/*
 * What is said about pgpool: the metrics, and how what was seen becomes samples and sentences.
 */

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

/** Everything that the looks at all nodes say, those of one node first, what they say together last. */
export const notesOn = (region: Region, looks: readonly PgpoolLook[]): readonly Note[] => [
  ...looks.flatMap((look) => notesOnNode(region, look)),
  ...notesOnAll(region, looks),
];

function notesOnNode(region: Region, look: PgpoolLook): readonly Note[] {
  const node = look.node.name;
  const { login } = look;
  if (!login.known) {
    return isSilence(login.why)
      ? [
          observe(up, false, { node }),
          evidence(node, `pgpool does not answer: ${login.why.message}`),
        ]
      : [gap(node, login.why)];
  }
  const view = views.watchdogOf(look);
  const backends = views.backendsOf(look);
  return [
    observe(up, true, { node }),
    observe(loginTime, login.value, { node }),
    ...(view === undefined ? [] : notesOnWatchdog(region, node, view)),
    ...(backends === undefined ? [] : notesOnBackends(region, node, backends)),
    // With PCP the watchdog's words come first, and the databases speak only when something is wrong.
    ...(backends === undefined || look.via === 'pcp'
      ? []
      : [evidence(node, describeBackends(region, backends))]),
    ...notesOnSilence(look),
  ];
}

function notesOnWatchdog(region: Region, node: string, view: WatchdogView): readonly Note[] {
  // Two members that are not configured would be one series: the first speaks for both.
  const peers = new Map(
    view.peers.toReversed().map((peer) => [views.nameByHost(region, peer.host), peer] as const),
  );
  return [
    ...observeState(quorum, view.quorum, { node }),
    observe(escalated, view.escalated, { node }),
    observe(alive, view.peers.filter(views.isAlive).length, { node }),
    observe(configured, view.peers.length, { node }),
    evidence(node, describeWatchdog(region, view)),
    ...[...peers].flatMap(([peer, { state }]) => observeState(peerState, state, { node, peer })),
    ...[...peers]
      .filter(([peer]) => peer !== node)
      .map(([peer, seen]) => observe(peerLost, views.isLost(seen), { node, peer })),
    ...view.peers
      .filter(({ host }) => views.nodeByHost(region, host) === undefined)
      .map(({ host }) => stranger(node, 'watchdog member', host)),
  ];
}

const describeBackends = (region: Region, backends: readonly BackendView[]): string =>
  `pgpool sees ${backends.map(({ host, state, role }) => `${views.nameByHost(region, host)} ${state} as ${role}`).join(', ')}`;

function describeWatchdog(region: Region, view: WatchdogView): string {
  const [self, ...others] = view.peers;
  const leader =
    view.leaderHost === undefined ? 'nobody' : views.nameByHost(region, view.leaderHost);
  const peers = others.map(({ host, state }) => `${views.nameByHost(region, host)} as ${state}`);
  return [
    `watchdog: is ${self?.state ?? 'unknown'}, names ${leader} as leader`,
    `quorum ${view.quorum}`,
    view.escalated ? 'escalated: it should hold the VIP' : 'not escalated',
    ...(peers.length === 0 ? [] : [`sees ${peers.join(', ')}`]),
  ].join('; ');
}

const stranger = (node: string, what: string, host: string): Note =>
  evidence(node, `knows the ${what} ${printable(host, 60)}, which is no configured node`);

function notesOnBackends(
  region: Region,
  node: string,
  backends: readonly BackendView[],
): readonly Note[] {
  const named = new Map(
    backends.toReversed().map((each) => [views.nameByHost(region, each.host), each] as const),
  );
  return [
    ...[...named].flatMap(([backend, seen]) => [
      ...observeState(backendState, seen.state, { node, backend }),
      ...observeState(backendRole, seen.role, { node, backend }),
      ...Object.entries(views.mismatch(seen)).map(([kind, differs]) =>
        observe(backendMismatch, differs, { node, backend, kind }),
      ),
    ]),
    ...backends.flatMap((seen) => {
      const fault = views.describeFault(seen);
      const backend = views.nodeByHost(region, seen.host);
      return [
        ...(backend === undefined ? [stranger(node, 'database', seen.host)] : []),
        ...(fault === undefined
          ? []
          : [evidence(node, `database on ${backend?.name ?? printable(seen.host, 60)} ${fault}`)]),
      ];
    }),
  ];
}

/** What is known because one question was answered and the other was not. */
function notesOnSilence(look: PgpoolLook): readonly Note[] {
  const node = look.node.name;
  const hanging = views.backendHangs(look);
  const orphaned = views.isHeadless(look);
  return [
    ...(hanging === undefined ? [] : [observe(hangs, hanging, { node })]),
    ...(orphaned === undefined ? [] : [observe(headless, orphaned, { node })]),
    ...(hanging === true ? [evidence(node, HANGING)] : []),
    ...(orphaned === true ? [evidence(node, ORPHANED)] : []),
    ...notesOnGaps(look, { hanging, orphaned }),
  ];
}

const HANGING = 'pgpool answers for its watchdog but not for its databases: one of them hangs';
const ORPHANED = 'orphans of a dead pgpool answer here, and their view never changes';

/** What could not be looked at, unless its silence is the finding. */
function notesOnGaps(
  look: PgpoolLook,
  found: { readonly hanging: boolean | undefined; readonly orphaned: boolean | undefined },
): readonly Note[] {
  const node = look.node.name;
  const { watchdog, backends } = look;
  const notes: Note[] = [];
  if (views.isWatchdogOff(look)) notes.push(skip(node, 'config', 'pgpool runs without a watchdog'));
  else if (watchdog?.known === false && found.orphaned !== true)
    notes.push(gap(node, watchdog.why));
  if (backends?.known === false && found.hanging !== true) notes.push(gap(node, backends.why));
  return notes;
}

function notesOnAll(region: Region, looks: readonly PgpoolLook[]): readonly Note[] {
  const asked = looks.some(({ via }) => via === 'pcp');
  const count = asked ? views.countLeaders(region, looks) : undefined;
  const same = views.viewsAgree(looks);
  const writable = views.hasPrimary(looks);
  const leading = looks.filter(views.leads).map((look) => look.node.name);
  return [
    ...(count === undefined ? [] : [observe(leaders, count, {})]),
    ...(leading.length > 1
      ? [evidence('watchdog', `${leading.join(' and ')} each claim to lead`)]
      : []),
    ...(same === undefined ? [] : [observe(agree, same, {})]),
    ...(same === false
      ? [evidence('pgpool', 'the nodes show different states or roles of the same databases')]
      : []),
    ...(writable === undefined ? [] : [observe(primary, writable, {})]),
    ...region.nodes.flatMap(({ name: backend }) => detached(region, looks, backend)),
  ];
}

/** Judged by the leader alone: what the others show is only a copy. */
function detached(region: Region, looks: readonly PgpoolLook[], backend: string): readonly Note[] {
  const seen = views
    .decidingViews(looks)
    .flat()
    .filter(({ host }) => views.nodeByHost(region, host)?.name === backend);
  return seen.length === 0
    ? []
    : [observe(backendDetached, seen.some(views.isDetached), { backend })];
}
