import { toFailure, type CheckFailure } from '../../core/failure.ts';
import type { BackendView, PcpPort, WatchdogView } from '../../core/ports/pcp.ts';
import type { Node, Region } from '../../core/region.ts';
import { seconds, type Seconds } from '../../core/time.ts';

/** What one request came to. */
export type Answer<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly why: CheckFailure };

export const known = <T>(value: T): Answer<T> => ({ known: true, value });

/** The promise's outcome as a value: one that failed must not take the others with it. */
export const attempt = <T>(asking: Promise<T>): Promise<Answer<T>> =>
  asking.then(known, (error: unknown) => ({ known: false, why: toFailure(error) }));

/** What the pgpool of one node said. */
export interface PgpoolLook {
  readonly node: Node;
  /** SQL shows the databases and nothing of the watchdog. */
  readonly via: 'pcp' | 'sql';
  /** Time to connect and to log in; the failure when that did not work, and then nothing else is known. */
  readonly login: Answer<Seconds>;
  /** Absent where it was not asked. */
  readonly watchdog?: Answer<WatchdogView>;
  readonly backends?: Answer<readonly BackendView[]>;
}

/** Together well below the check's own limit, so that one silent pgpool costs only itself. */
const LOGIN = { timeout: seconds(1.5) };
const WATCHDOG = { timeout: seconds(1) };
const BACKENDS = { timeout: seconds(1.5) };

type Account = NonNullable<NonNullable<Region['pgpool']>['pcp']>;

/** Asks one pgpool over PCP: watchdog first, because the list of backends can hang where a backend does. */
export async function lookByPcp(pcp: PcpPort, node: Node, account: Account): Promise<PgpoolLook> {
  const session = await attempt(pcp.login({ host: node.address, ...account }, LOGIN));
  if (!session.known) return { node, via: 'pcp', login: session };
  const login = known(session.value.took);
  const watchdog = await attempt(session.value.watchdogInfo(WATCHDOG));
  // An unanswered question ends a session; what comes after it would be a guess.
  if (!watchdog.known && !wasAnswered(watchdog.why)) return { node, via: 'pcp', login, watchdog };
  const backends = await attempt(session.value.nodeInfo(BACKENDS));
  return { node, via: 'pcp', login, watchdog, backends };
}

/** True when pgpool itself answered, though with an error. */
export const wasAnswered = (failure: CheckFailure): boolean => failure.facts['answered'] === true;
