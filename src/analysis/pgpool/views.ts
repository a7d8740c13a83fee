import type { BackendView, WatchdogPeer, WatchdogView } from '../../core/ports/pcp.ts';
import { isSilence } from '../../core/failure.ts';
import { wasAnswered, type Answer, type PgpoolLook } from './look.ts';
import type { Node, Region } from '../../core/region.ts';

/** Label value for an address that pgpool knows and the configuration does not. */
export const UNCONFIGURED = 'unconfigured';

/** The configured node that pgpool means by a host: an address, the node's name, or a name below a domain. */
export const nodeByHost = (region: Region, host: string): Node | undefined =>
  region.nodes.find(({ address, name }) => host === address || host.split('.')[0] === name);

export const nameByHost = (region: Region, host: string): string =>
  nodeByHost(region, host)?.name ?? UNCONFIGURED;

const valueOf = <T>(answer: Answer<T> | undefined): T | undefined =>
  answer?.known === true ? answer.value : undefined;

export const watchdogOf = (look: PgpoolLook): WatchdogView | undefined => valueOf(look.watchdog);
export const backendsOf = (look: PgpoolLook): readonly BackendView[] | undefined =>
  valueOf(look.backends);

/** True when the pgpool that was asked (it comes first in its own view) calls itself the leader. */
export const leads = (look: PgpoolLook): boolean => watchdogOf(look)?.peers[0]?.state === 'leader';

/**
 * How many leaders there are: every node that claims to lead, and every one that another node names.
 *
 * @returns `undefined` when none was found but somebody could not be asked.
 */
export function countLeaders(region: Region, looks: readonly PgpoolLook[]): number | undefined {
  const leaders = new Set<string>();
  for (const look of looks) {
    if (leads(look)) leaders.add(look.node.name);
    const named = watchdogOf(look)?.leaderHost;
    if (named !== undefined) leaders.add(nodeByHost(region, named)?.name ?? named);
  }
  return leaders.size > 0 || looks.every(isSettled) ? leaders.size : undefined;
}

/** Either its view is known, or it is silent and so leads nobody. */
const isSettled = (look: PgpoolLook): boolean =>
  watchdogOf(look) !== undefined || (!look.login.known && isSilence(look.login.why));

/** A peer that takes no part any more; joining, standing and the like pass by themselves. */
export const isLost = ({ state }: WatchdogPeer): boolean =>
  state === 'lost' || state === 'dead' || state === 'shutdown';

export const isAlive = ({ state }: WatchdogPeer): boolean =>
  state === 'leader' || state === 'standby';

/** `waiting` is healthy: no client has come through this pgpool yet. */
export const isAttached = ({ state }: BackendView): boolean =>
  state === 'up' || state === 'waiting';

export const isDetached = ({ state }: BackendView): boolean =>
  state === 'down' || state === 'quarantine';

/**
 * The looks at those that decide what happens to clients: the leaders. Where no watchdog was seen at
 * all, every look.
 */
function decidingLooks(looks: readonly PgpoolLook[]): readonly PgpoolLook[] {
  const watched = looks.some((look) => watchdogOf(look) !== undefined);
  return looks.filter((look) => !watched || leads(look));
}

/** What those that decide say of the databases, as far as it is known. */
export const decidingViews = (looks: readonly PgpoolLook[]): readonly (readonly BackendView[])[] =>
  decidingLooks(looks)
    .map(backendsOf)
    .filter((backends) => backends !== undefined);

/**
 * The configured nodes whose databases surely are no backends: all that decide were asked, and list
 * only others. A host that is no configured node may be one of them by another name.
 */
export function nodesWithoutBackend(
  region: Region,
  looks: readonly PgpoolLook[],
): readonly string[] {
  const told = decidingLooks(looks).map(backendsOf);
  const hosts = told.flatMap((backends) => backends?.map(({ host }) => host) ?? []);
  const listed = hosts.map((host) => nameByHost(region, host));
  if (told.some((backends) => (backends ?? []).length === 0)) return [];
  return listed.length === 0 || listed.includes(UNCONFIGURED)
    ? []
    : region.nodes.map(({ name }) => name).filter((name) => !listed.includes(name));
}

/** Whether the deciding views have a primary that is in use; `undefined` where no role is told. */
export function hasPrimary(looks: readonly PgpoolLook[]): boolean | undefined {
  const views = decidingViews(looks).filter((view) => view.some(({ role }) => role !== 'unknown'));
  if (views.length === 0) return undefined;
  return views.every((view) =>
    view.some((each) => (each.role === 'primary' || each.role === 'main') && isAttached(each)),
  );
}

/** Whether a deciding view has no database at all that is in use; `undefined` where none is told. */
export function areAllDetached(looks: readonly PgpoolLook[]): boolean | undefined {
  const told = decidingViews(looks).filter((view) => view.length > 0);
  return told.length === 0 ? undefined : told.some((view) => view.every(isDetached));
}

/** Whether all views show the same backends in the same roles; `undefined` with fewer than two views. */
export function viewsAgree(looks: readonly PgpoolLook[]): boolean | undefined {
  const pictures = looks.flatMap((look) => {
    const backends = backendsOf(look);
    return backends === undefined ? [] : [picture(backends)];
  });
  return pictures.length < 2 ? undefined : new Set(pictures).size === 1;
}

const picture = (backends: readonly BackendView[]): string =>
  backends
    .map((each) =>
      [each.host, each.port, isAttached(each) ? 'up' : each.state, each.role].join(' '),
    )
    .sort()
    .join('\n');

/** In what pgpool's opinion of a backend differs from what it saw there just now; absent = not known. */
export function mismatch(backend: BackendView): {
  readonly state?: boolean;
  readonly role?: boolean;
} {
  const { actualState, actualRole, role } = backend;
  return {
    ...(actualState === 'up' ? { state: isDetached(backend) } : {}),
    ...(actualState === 'down' ? { state: isAttached(backend) } : {}),
    ...(isTold(role) && actualRole !== undefined && isTold(actualRole)
      ? { role: role !== actualRole }
      : {}),
  };
}

const isTold = (role: BackendView['role']): boolean => role === 'primary' || role === 'standby';

/** `W` answers (if only with an error) and `I` stays silent: pgpool waits for a backend that hangs. */
export function backendHangs({ watchdog, backends }: PgpoolLook): boolean | undefined {
  if (watchdog === undefined || backends === undefined) return undefined;
  if (backends.known) return false;
  return backends.why.code === 'timeout' ? true : undefined;
}

/** What pgpool says to `W` when use_watchdog is off (3.3 and 3.4 leave the verb out). */
export const isWatchdogOff = ({ watchdog }: PgpoolLook): boolean =>
  watchdog?.known === false && /watchdog (is )?not enabled/.test(watchdog.why.message);

/** `I` answers and `W` errs: children of a pgpool whose main process is gone. */
export function isHeadless(look: PgpoolLook): boolean | undefined {
  const { watchdog, backends } = look;
  if (watchdog === undefined || isWatchdogOff(look)) return undefined;
  if (watchdog.known) return false;
  return wasAnswered(watchdog.why) && backends?.known === true ? true : undefined;
}
