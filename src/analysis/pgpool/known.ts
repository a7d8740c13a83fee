import type { CheckResult } from '../../core/check.ts';
import { BACKEND_ROLES, BACKEND_STATES } from '../../core/ports/pcp.ts';
import type { Region } from '../../core/region.ts';
import { namesWhere, samplesOf, stateOf, valueOf } from '../../core/seen.ts';
import type { Belief, Reality } from './truth.ts';

/* What the results of other checks say of one database: first as pgpool has it, then as it is. */

type Results = readonly CheckResult[];

/** The pgpools whose word counts: those that call themselves the leader, or all where there is no watchdog. */
export function deciders({ nodes }: Region, watchdog: Results): readonly string[] {
  const names = nodes.map(({ name }) => name);
  const state = (node: string): string | undefined =>
    stateOf(watchdog, 'maasha_pgpool_watchdog_node_state', { node, peer: node });
  const told = names.some((node) => state(node) !== undefined);
  return names.filter((node) => (told ? state(node) === 'leader' : tellsOf(node, watchdog)));
}

const tellsOf = (node: string, watchdog: Results): boolean =>
  samplesOf(watchdog, 'maasha_pgpool_backend_state', { node }).length > 0;

/** What pgpool on `node` has of a database; undefined when it does not tell. */
export function beliefOf(node: string, backend: string, watchdog: Results): Belief | undefined {
  const of = { node, backend };
  const state = stateOf(watchdog, 'maasha_pgpool_backend_state', of);
  const role = stateOf(watchdog, 'maasha_pgpool_backend_role', of);
  const known = BACKEND_STATES.find((each) => each === state);
  if (known === undefined) return undefined;
  const differs = valueOf(watchdog, 'maasha_pgpool_backend_mismatch', { ...of, kind: 'state' });
  const detached = known === 'down' || known === 'quarantine';
  return {
    state: known,
    role: BACKEND_ROLES.find((each) => each === role) ?? 'unknown',
    // A state that differs from what pgpool saw there is up where it has it down, and the other way round.
    ...(differs === undefined ? {} : { reached: (differs === 1) === detached }),
  };
}

/** What the database on a node is, by its own word, by that of the primary, and by its history. */
export function realityOf(node: string, postgres: Results): Reality {
  const serves = valueOf(postgres, 'maasha_postgres_up', { node });
  const role = stateOf(postgres, 'maasha_postgres_role', { node });
  const primaries = namesWhere(postgres, 'maasha_postgres_role', 'node', { state: 'primary' });
  const [primary, second] = primaries;
  const timeline = (of: string | undefined): number | undefined =>
    of === undefined ? undefined : valueOf(postgres, 'maasha_postgres_timeline', { node: of });
  return {
    serves: yes(serves),
    role: role === 'primary' || role === 'standby' ? role : undefined,
    otherPrimaries: primaries.filter((name) => name !== node),
    fed: yes(valueOf(postgres, 'maasha_postgres_replication_connected', { standby: node })),
    timeline: timeline(node),
    primaryTimeline: second === undefined ? timeline(primary) : undefined,
    diverged: yes(valueOf(postgres, 'maasha_postgres_diverged', { node })),
    bytesAtStake: valueOf(postgres, 'maasha_postgres_divergent_wal_bytes', { node }),
  };
}

/**
 * Which database the leading pgpool waits for, as far as one is silent, and what ends that. Measured: a
 * frozen primary is replaced after 20 s, and SQL through pgpool comes back only once the frozen one is ended.
 */
export function hangsOn(
  { nodes }: Region,
  leader: string,
  watchdog: CheckResult,
  postgres: Results,
): string | undefined {
  if (valueOf([watchdog], 'maasha_pgpool_backend_hangs', { node: leader }) !== 1) return undefined;
  const silent = nodes
    .map(({ name }) => name)
    .filter((node) => valueOf(postgres, 'maasha_postgres_up', { node }) === 0);
  const [primary] = namesWhere(postgres, 'maasha_postgres_role', 'node', { state: 'primary' });
  const which = silent.length === 0 ? 'a database that answers the monitor' : silent.join(' and ');
  const promoted =
    primary === undefined || silent.length === 0
      ? ''
      : `; ${primary} is the primary, so end it (a thawed one may be a second primary)`;
  return `${leader} waits for ${which} and SQL through it stands still until that ends${promoted}`;
}

const yes = (value: number | undefined): boolean | undefined =>
  value === undefined ? undefined : value === 1;
