import type { BackendView, WatchdogView } from '../../core/ports/pcp.ts';
import type { Region } from '../../core/region.ts';
import * as views from './views.ts';

/* What a person is told of the answers of pgpool. */

export const HANGING =
  'pgpool answers for its watchdog but not for its databases: one of them hangs';
export const ORPHANED = 'orphans of a dead pgpool answer here, and their view never changes';

export const describeBackends = (region: Region, backends: readonly BackendView[]): string =>
  `pgpool sees ${backends.map(({ host, state, role }) => `${views.nameByHost(region, host)} ${state} as ${role}`).join(', ')}`;

/** What one pgpool believes of its watchdog. */
export function describeWatchdog(region: Region, view: WatchdogView): string {
  const [self, ...others] = view.peers;
  const leader =
    view.leaderHost === undefined ? 'nobody' : views.nameByHost(region, view.leaderHost);
  const peers = others.map(({ host, state }) => `${views.nameByHost(region, host)} as ${state}`);
  return [
    `watchdog: is ${self?.state ?? 'unknown'}, names ${leader} as leader`,
    `quorum ${view.quorum}${votes(view)}`,
    ...(view.escalated === undefined ? [] : [ESCALATED[Number(view.escalated)]]),
    ...(peers.length === 0 ? [] : [`sees ${peers.join(', ')}`]),
  ].join('; ');
}

const ESCALATED = ['not escalated', 'escalated: it should hold the VIP'];

/** With half of the votes being enough, each half of a region that is cut in two goes on alone. */
const votes = ({ requiredForQuorum: required, peers }: WatchdogView): string =>
  required === undefined ? '' : ` (${required} of ${peers.length} votes suffice)`;

/** One signature of a fault in pgpool's list, in words; undefined when the backend is in order. */
export function describeFault(
  backend: BackendView,
  all: readonly BackendView[],
): string | undefined {
  const differs = views.mismatch(backend);
  const isPrimary = backend.actualRole === 'primary';
  const others = all.filter((each) => each !== backend && each.actualRole === 'primary');
  if (views.isDetached(backend)) return describeDetached(backend, others.length > 0);
  if (differs.role === true && isPrimary)
    return others.length > 0
      ? 'is taken for a standby and is a primary: split brain'
      : 'is taken for a standby and is the primary';
  if (differs.state === true) return 'is up for pgpool and does not answer it any more';
  return differs.role === true ? 'is taken for a primary and is a standby' : undefined;
}

function describeDetached(backend: BackendView, isSplit: boolean): string {
  const { state, actualState, actualRole } = backend;
  if (actualState !== 'up') return `is ${state} for pgpool, and detached`;
  if (actualRole === 'primary')
    return isSplit
      ? `is ${state} for pgpool and a second primary: split brain, never attach it`
      : `is ${state} for pgpool and is the primary: nothing can be written until it is attached`;
  return `is ${state} for pgpool though it answers: pcp_attach_node is what it lacks, once it streams`;
}

/** What a whole list of databases shows that none of its lines does. */
export function describeWhole(region: Region, backends: readonly BackendView[]): string[] {
  if (backends.length === 0) return [];
  const named = (some: readonly BackendView[]): string =>
    some.map(({ host }) => views.nameByHost(region, host)).join(' and ');
  if (backends.every(views.isDetached)) {
    const answering = backends.filter(({ actualState }) => actualState === 'up');
    const though = answering.length === 0 ? '' : `, though ${named(answering)} answer it`;
    return [`all databases are detached${though}: pgpool lives and refuses every client`];
  }
  const used = backends.filter(views.isAttached);
  const searching =
    used.every(({ role }) => role === 'standby') &&
    used.every(({ actualRole }) => actualRole !== 'primary');
  return searching
    ? [
        `only ${named(used)} is in use, as a standby: pgpool is looking for a primary, and for as long as that (5 minutes by default) it lets nobody in`,
      ]
    : [];
}
