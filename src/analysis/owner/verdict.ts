import type { Instant } from '../../core/time.ts';
import type { Statement, Witness } from './statements.ts';

/** What a witness said last, and when a look first showed that it had changed its mind. */
export interface LastSaid {
  readonly nodes: readonly string[];
  /** When that look began, in wall-clock time; absent while it has said nothing else. */
  readonly changedAt?: number | undefined;
}
export type LastSayings = Readonly<Partial<Record<Witness, LastSaid>>>;

/** What the witnesses come to together. */
export interface Verdict {
  /** The nodes that hold the address: two are a duplicate. Undefined: not known. */
  readonly holders: readonly string[] | undefined;
  /** The witnesses that say so. */
  readonly by: readonly Witness[];
  /** Two agree, or only one exists: enough to say that the address has moved. */
  readonly settled: boolean;
  /** They contradict each other, and neither can be history. */
  readonly disagree: boolean;
  readonly fresh: readonly Statement[];
  /** What was seen before another witness saw a change: no contradiction to it. */
  readonly stale: readonly Statement[];
}

/** What to remember of the witnesses; one that is silent now has said what it said. */
export const rememberSayings = (
  statements: readonly Statement[],
  before: LastSayings,
  now: Instant,
): LastSayings => ({
  ...before,
  ...Object.fromEntries(
    statements.map(({ witness, nodes, at }) => {
      const last = before[witness];
      const changed = last !== undefined && !sameNodes(last.nodes, nodes);
      // A moment to come was taken from a clock that has been set back since.
      const known = (last?.changedAt ?? now) < now ? last?.changedAt : undefined;
      const changedAt = changed ? at : known;
      return [witness, { nodes, ...(changedAt !== undefined && { changedAt }) }];
    }),
  ),
});

const sameNodes = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((node) => b.includes(node));

/**
 * Who holds the address: two witnesses that agree know it, one alone makes it probable. The witnesses
 * look at different times; whoever looked before another one saw a change is not heard until its next look.
 *
 * @param answers whether the address answers the monitor at all, if that is known.
 */
export function judgeOwner(
  statements: readonly Statement[],
  sayings: LastSayings,
  answers: boolean | undefined,
): Verdict {
  const isStale = ({ witness, at }: Statement): boolean =>
    Object.entries(sayings).some(
      ([other, { changedAt }]) => other !== witness && changedAt !== undefined && changedAt > at,
    );
  // An address that answers has an owner: ARP that shows nobody does not reach its segment.
  const heard = statements.filter(
    ({ witness, nodes }) => !(witness === 'arp' && nodes.length === 0 && answers === true),
  );
  const fresh = heard.filter((each) => !isStale(each));
  const stale = heard.filter(isStale);
  const disagree = contradict(fresh);
  return { ...holdersOf(fresh, heard, answers), disagree, fresh, stale };
}

/** Those that name one node each name different ones, or one names a node and another says nobody. */
function contradict(fresh: readonly Statement[]): boolean {
  const named = new Set(
    fresh.filter(({ nodes }) => nodes.length < 2).map(({ nodes }) => nodes[0] ?? ''),
  );
  return named.size > 1;
}

type Holding = Pick<Verdict, 'holders' | 'by' | 'settled'>;
const UNKNOWN: Holding = { holders: undefined, by: [], settled: false };

function holdersOf(
  fresh: readonly Statement[],
  heard: readonly Statement[],
  answers: boolean | undefined,
): Holding {
  const wire = fresh.find(({ witness }) => witness === 'arp')?.nodes;
  const told = byTheWire(wire, answers);
  if (told !== undefined) return told;
  const [first, second] = votesOf(fresh);
  if (first === undefined || second?.[1].length === first[1].length) return UNKNOWN;
  const [holder, by] = first;
  return { holders: [holder], by, settled: by.length > 1 || heard.length === 1 };
}

/** What the wire alone decides; undefined: the witnesses are to be counted. */
function byTheWire(
  wire: readonly string[] | undefined,
  answers: boolean | undefined,
): Holding | undefined {
  // Only the wire shows that several hold it; the others show who answered them this time.
  if (wire !== undefined && wire.length > 1) return { holders: wire, by: ['arp'], settled: true };
  if (answers !== false || wire?.length === 1) return undefined;
  // Where it is silent, only the wire tells who holds it: the others say who should.
  return wire === undefined ? UNKNOWN : nobody;
}

/** The nodes that witnesses name, each alone, with these witnesses; the node with the most comes first. */
function votesOf(fresh: readonly Statement[]): readonly (readonly [string, readonly Witness[]])[] {
  const votes = new Map<string, Witness[]>();
  for (const { witness, nodes } of fresh) {
    const [node] = nodes;
    if (node !== undefined && nodes.length === 1)
      votes.set(node, [...(votes.get(node) ?? []), witness]);
  }
  return [...votes].sort(([, a], [, b]) => b.length - a.length);
}

const nobody: Holding = { holders: [], by: ['arp'], settled: true };
