import { evidence, gap, skip, type Note } from '../../core/check.ts';
import { isSilence } from '../../core/failure.ts';
import { observe, observeState } from '../../core/metric.ts';
import type { PgpoolLook } from './look.ts';
import * as metrics from './metrics.ts';
import * as views from './views.ts';
import * as words from './words.ts';
import type { BackendView, WatchdogView } from '../../core/ports/pcp.ts';
import { printable } from '../../core/printable.ts';
import type { Region } from '../../core/region.ts';

/* How what was seen of pgpool becomes samples and sentences. */

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
          observe(metrics.up, false, { node }),
          evidence(node, `pgpool does not answer: ${login.why.message}`),
        ]
      : [gap(node, login.why)];
  }
  const view = views.watchdogOf(look);
  const backends = views.backendsOf(look);
  return [
    observe(metrics.up, true, { node }),
    observe(metrics.loginTime, login.value, { node }),
    ...(view === undefined ? [] : notesOnWatchdog(region, node, view)),
    ...(backends === undefined ? [] : notesOnBackends(region, node, backends)),
    // With PCP the watchdog's words come first, and the databases speak only when something is wrong.
    ...(backends === undefined || look.via === 'pcp'
      ? []
      : [evidence(node, words.describeBackends(region, backends))]),
    ...notesOnSilence(look),
  ];
}

function notesOnWatchdog(region: Region, node: string, view: WatchdogView): readonly Note[] {
  // Two members that are not configured would be one series: the first speaks for both.
  const peers = new Map(
    view.peers.toReversed().map((peer) => [views.nameByHost(region, peer.host), peer] as const),
  );
  return [
    ...observeState(metrics.quorum, view.quorum, { node }),
    ...(view.escalated === undefined ? [] : [observe(metrics.escalated, view.escalated, { node })]),
    observe(metrics.alive, view.peers.filter(views.isAlive).length, { node }),
    observe(metrics.configured, view.peers.length, { node }),
    evidence(node, words.describeWatchdog(region, view)),
    ...[...peers].flatMap(([peer, { state }]) =>
      observeState(metrics.peerState, state, { node, peer }),
    ),
    ...[...peers]
      .filter(([peer]) => peer !== node)
      .map(([peer, seen]) => observe(metrics.peerLost, views.isLost(seen), { node, peer })),
    ...view.peers
      .filter(({ host }) => views.nodeByHost(region, host) === undefined)
      .map(({ host }) => stranger(node, 'watchdog member', host)),
  ];
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
      ...observeState(metrics.backendState, seen.state, { node, backend }),
      ...observeState(metrics.backendRole, seen.role, { node, backend }),
      ...Object.entries(views.mismatch(seen)).map(([kind, differs]) =>
        observe(metrics.backendMismatch, differs, { node, backend, kind }),
      ),
    ]),
    ...backends.flatMap((seen) => {
      const fault = words.describeFault(seen, backends);
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
    ...(hanging === undefined ? [] : [observe(metrics.hangs, hanging, { node })]),
    ...(orphaned === undefined ? [] : [observe(metrics.headless, orphaned, { node })]),
    ...(hanging === true ? [evidence(node, words.HANGING)] : []),
    ...(orphaned === true ? [evidence(node, words.ORPHANED)] : []),
    ...notesOnGaps(look, { hanging, orphaned }),
  ];
}

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
  const none = views.areAllDetached(looks);
  const leading = looks.filter(views.leads).map((look) => look.node.name);
  return [
    ...(count === undefined ? [] : [observe(metrics.leaders, count, {})]),
    ...(leading.length > 1
      ? [evidence('watchdog', `${leading.join(' and ')} each claim to lead`)]
      : []),
    ...(same === undefined ? [] : [observe(metrics.agree, same, {})]),
    ...(same === false
      ? [evidence('pgpool', 'the nodes show different states or roles of the same databases')]
      : []),
    ...(writable === undefined ? [] : [observe(metrics.primary, writable, {})]),
    ...(none === undefined ? [] : [observe(metrics.allDetached, none, {})]),
    ...views
      .decidingViews(looks)
      .flatMap((seen) => words.describeWhole(region, seen))
      .map((says) => evidence('pgpool', says)),
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
    : [observe(metrics.backendDetached, seen.some(views.isDetached), { backend })];
}
