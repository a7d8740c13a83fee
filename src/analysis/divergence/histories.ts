import type { TimelineEnd } from '../../core/ports/postgres.ts';

/** Where a server stands, and by which timelines it came there. */
export interface Standing {
  readonly node: string;
  /** It is a primary. */
  readonly writes: boolean;
  readonly timeline: number;
  readonly position: bigint;
  readonly ancestors: readonly TimelineEnd[];
}

/** The end of what two servers have in common. */
export interface Fork {
  /** The last timeline that both were on; undefined when they share none. */
  readonly timeline: number | undefined;
  /** Undefined when nothing shows it. */
  readonly at: bigint | undefined;
  /** False when it may lie later: both went on under one number, from here at the earliest. */
  readonly exact: boolean;
}

/** One stretch of a server's history; the last one, on which it is now, is open. */
type Stretch = TimelineEnd & { readonly open: boolean };

const pathOf = ({ ancestors, timeline, position }: Standing): readonly Stretch[] => [
  ...ancestors.map((each) => ({ ...each, open: false })),
  { timeline, end: position, open: true },
];

/**
 * Where two histories part; undefined when they are one, of which a server may have more than the other.
 *
 * A timeline's number alone proves nothing: two standbys that are promoted apart both take the next one.
 * So the whole ways are compared, number and end of each timeline. Two primaries on the same way have
 * parted all the same, for each writes what the other does not have.
 */
export function forkOf(a: Standing, b: Standing): Fork | undefined {
  const [one, other] = [pathOf(a), pathOf(b)];
  const apart = one.findIndex((stretch, index) => !isCommon(stretch, other[index]));
  const [mine, theirs, before] = [one[apart], other[apart], one[apart - 1]];
  if (mine === undefined || theirs?.timeline !== mine.timeline)
    return { timeline: before?.timeline, at: before?.end, exact: true };
  const { timeline } = mine;
  const at = left(mine, theirs);
  if (at !== undefined) return { timeline, at, exact: true };
  return a.writes && b.writes ? { timeline, at: before?.end, exact: false } : undefined;
}

/** Both were on it and left it at the same place. */
const isCommon = (mine: Stretch, theirs: Stretch | undefined): boolean =>
  !mine.open &&
  theirs?.open === false &&
  mine.timeline === theirs.timeline &&
  mine.end === theirs.end;

/** Where the first of the two left a timeline; undefined when both are still on it. */
function left(mine: Stretch, theirs: Stretch): bigint | undefined {
  if (mine.open) return theirs.open ? undefined : theirs.end;
  if (theirs.open) return mine.end;
  return mine.end < theirs.end ? mine.end : theirs.end;
}

/** How much WAL a server has beyond the fork; undefined when nothing shows it. */
export const bytesBeyond = ({ position }: Standing, { at }: Fork): number | undefined =>
  at === undefined ? undefined : Number(position > at ? position - at : 0n);

/** A server against the one that the others are compared with. */
export interface Comparison {
  readonly node: Standing;
  readonly reference: Standing;
  /** It cannot follow the reference: what it has beyond the fork is no part of that one's history. */
  readonly diverged: boolean;
  /** Undefined when the histories are one. */
  readonly fork: Fork | undefined;
}

/**
 * What the others are compared with: the one primary, if there is just one; of several, and also when
 * there is none, those on the newest timeline. Two of these have no right over each other.
 */
export function referencesOf(standings: readonly Standing[]): readonly Standing[] {
  const writing = standings.filter(({ writes }) => writes);
  const candidates = writing.length > 0 ? writing : standings;
  const newest = Math.max(...candidates.map(({ timeline }) => timeline));
  return candidates.filter(({ timeline }) => timeline === newest);
}

/** Each server against each reference but itself; the first of these that it diverged from, if any. */
export function compareAll(standings: readonly Standing[]): readonly Comparison[] {
  const references = referencesOf(standings);
  return standings.flatMap((node) => {
    const all = references
      .filter((reference) => reference !== node)
      .map((reference) => compare(node, reference));
    const worst = all.find(({ diverged }) => diverged) ?? all[0];
    return worst === undefined ? [] : [worst];
  });
}

function compare(node: Standing, reference: Standing): Comparison {
  const fork = forkOf(node, reference);
  if (fork === undefined) return { node, reference, diverged: false, fork };
  const went = fork.timeline !== node.timeline;
  const bytes = bytesBeyond(node, fork);
  // A server that stopped before the fork, on the timeline that was left, can still take the turn.
  return { node, reference, fork, diverged: went || bytes !== 0 };
}
