import type { BackendRole, BackendState } from '../../core/ports/pcp.ts';

/*
 * What pgpool believes of a database against what that database is. pgpool can be wrong for ever without
 * an error: it attaches nothing by itself, and looks for its primary only when something fails.
 */

/**
 * - `agrees`         pgpool has it as it is
 * - `attachable`     detached, though it is a standby that streams: it only waits to be attached
 * - `unfit`          detached, and it must stay so: it does not follow the primary
 * - `unused_primary` detached, though it is the only primary
 * - `gone`           detached, and it does not serve indeed
 * - `dead`           in use, though it does not serve
 * - `unfed`          in use, though it does not stream from the primary
 * - `false_primary`  taken for the primary, and a standby
 * - `false_standby`  taken for a standby, and a primary
 */
export const TRUTHS = [
  'agrees',
  'attachable',
  'unfit',
  'unused_primary',
  'gone',
  'dead',
  'unfed',
  'false_primary',
  'false_standby',
] as const;
export type Truth = (typeof TRUTHS)[number];

/** A database as the leading pgpool has it. */
export interface Belief {
  readonly state: BackendState;
  readonly role: BackendRole;
  /** Whether pgpool itself reached it just now; 4.3 and later tell. */
  readonly reached?: boolean | undefined;
}

/** The same database as it is; what is absent is not known. */
export interface Reality {
  readonly serves?: boolean | undefined;
  readonly role?: 'primary' | 'standby' | undefined;
  /** The other nodes that are primaries, too. */
  readonly otherPrimaries: readonly string[];
  /** Whether the primary lists it as a standby that it sends to. */
  readonly fed?: boolean | undefined;
  readonly timeline?: number | undefined;
  /** That of the one primary there is. */
  readonly primaryTimeline?: number | undefined;
  /** Its history has parted from that of the primary. */
  readonly diverged?: boolean | undefined;
  readonly bytesAtStake?: number | undefined;
}

export interface Judgement {
  readonly truth: Truth;
  /** What that means and what is to be done, for people; absent where all is well. */
  readonly says?: string;
}

/** Compares the two; `undefined` where too little is known to say anything. */
export function judgeBackend(belief: Belief, reality: Reality): Judgement | undefined {
  const detached = belief.state === 'down' || belief.state === 'quarantine';
  const attached = belief.state === 'up' || belief.state === 'waiting';
  if (detached) return judgeDetached(belief, reality);
  return attached ? judgeAttached(belief, reality) : undefined;
}

function judgeDetached({ state }: Belief, reality: Reality): Judgement | undefined {
  if (reality.serves === false) return { truth: 'gone', says: GONE };
  if (reality.role === undefined) return undefined;
  if (reality.role === 'primary' && reality.otherPrimaries.length === 0)
    return { truth: 'unused_primary', says: UNUSED };
  const why = unfitness(reality);
  if (why !== undefined)
    return {
      truth: 'unfit',
      says: `is ${state} for pgpool and must stay so: ${why}. Never attach it as it is: rebuild it as a standby first`,
    };
  return reality.fed === true ? { truth: 'attachable', says: attach(state) } : undefined;
}

const GONE = 'is detached, and it does not serve indeed: mend it first, attach it then';
const UNUSED =
  'is the only primary and pgpool does not use it: nothing can be written through pgpool until it is attached by hand (pcp_attach_node)';
const attach = (state: BackendState): string =>
  `streams from the primary and is ${state} for pgpool, which attaches nothing by itself and remembers that over a restart (pgpool_status): attach it by hand (pcp_attach_node)`;

/** Why a database that serves must not be attached; undefined where nothing says so. */
function unfitness(reality: Reality): string | undefined {
  const { role, otherPrimaries, diverged, bytesAtStake, fed, timeline, primaryTimeline } = reality;
  if (role === 'primary') return `it is a second primary beside ${otherPrimaries.join(' and ')}`;
  if (diverged === true)
    return `its history has parted from that of the primary${bytesAtStake === undefined ? '' : `, with ${bytesAtStake} bytes of WAL of its own`}`;
  if (fed === false) return 'it does not stream from the primary';
  if (timeline !== undefined && primaryTimeline !== undefined && timeline !== primaryTimeline)
    return `it is on timeline ${timeline} and the primary on ${primaryTimeline}`;
  return undefined;
}

function judgeAttached(belief: Belief, reality: Reality): Judgement | undefined {
  const { serves, role, fed } = reality;
  // What pgpool has just reached is not dead: it is the way from here, or the account, that fails.
  if (serves === false) return belief.reached === true ? undefined : { truth: 'dead', says: DEAD };
  if (role === undefined) return undefined;
  if (role === 'standby' && leadsFor(belief))
    return { truth: 'false_primary', says: FALSE_PRIMARY };
  if (role === 'primary' && belief.role === 'standby')
    return { truth: 'false_standby', says: falseStandby(reality.otherPrimaries) };
  if (role === 'standby' && fed === false) return { truth: 'unfed', says: UNFED };
  return { truth: 'agrees' };
}

const leadsFor = ({ role }: Belief): boolean => role === 'primary';

const DEAD = 'does not serve and is up for pgpool: new sessions through pgpool fail or hang on it';
const FALSE_PRIMARY =
  'is a standby and pgpool takes it for the primary: what MAAS writes is refused there';
const UNFED =
  'is in use for pgpool and does not stream from the primary: reads that go there are old';
const falseStandby = (others: readonly string[]): string =>
  others.length > 0
    ? `is a primary and pgpool takes it for a standby, beside ${others.join(' and ')}: split brain`
    : 'is the primary and pgpool takes it for a standby: nothing is written to it';
