import type { Delivery } from '../../alerts/outbox/delivery.ts';
import { episodeOf, kindOf, seqOf, type Accepted } from './book.ts';
import { lifeViolations } from './checker-life.ts';
import type { History } from './history.ts';
import { DELIVERY_FAILING } from './house.ts';

/*
 * Holds what the other ends took against what happened and what the last store says. Each violation
 * begins with the property that is broken (P1 … P11 as in the report on alerting, section B.8).
 */

const TOLD = ['slack', 'email'] as const;

/** All that one channel took of one episode. */
interface Thread {
  readonly episode: string;
  readonly channel: (typeof TOLD)[number];
  /** In the order in which it came, repetitions left out. */
  readonly taken: readonly Accepted[];
  readonly repeated: readonly Accepted[];
  readonly rows: readonly Delivery[];
}

/** What is wrong with a history; nothing when all is as promised. */
export const violationsIn = (history: History): readonly string[] => [
  ...history.defects.map((defect) => `defect: ${defect}`),
  ...threadsOf(history).flatMap((thread) => [
    ...beginMissing(thread, history),
    ...closeContract(thread, history),
    ...duplicates(thread, history),
    ...order(thread),
    ...standalone(thread),
  ]),
  ...unplanned(history),
  ...pauses(history),
  ...unsettled(history),
  ...lifeViolations(history),
];

function threadsOf({ book, deliveries }: History): readonly Thread[] {
  const ids = new Set([
    ...book.accepted.map(({ id }) => episodeOf(id)),
    ...deliveries.map(({ episode }) => episode),
  ]);
  return [...ids].flatMap((episode) =>
    TOLD.map((channel) => {
      const all = book.accepted.filter(
        (each) => each.channel === channel && episodeOf(each.id) === episode,
      );
      const isFirst = ({ id }: Accepted, index: number): boolean =>
        all.findIndex((each) => each.id === id) === index;
      return {
        episode,
        channel,
        taken: all.filter(isFirst),
        repeated: all.filter((each, index) => !isFirst(each, index)),
        rows: deliveries
          .filter((each) => each.channel === channel && each.episode === episode)
          .sort((a, b) => a.seq - b.seq),
      };
    }),
  );
}

const BEGINS = ['open', 'escalate', 'reopen'];
const ENDS = ['close', 'retire'];
const isBegin = ({ id }: { readonly id: string }): boolean => BEGINS.includes(kindOf(id));
const isEnd = ({ id }: { readonly id: string }): boolean => ENDS.includes(kindOf(id));

const nameOf = ({ episode, channel }: Pick<Thread, 'episode' | 'channel'>): string =>
  `${episode.slice(-6)} on ${channel}`;

const isCollapsed = ({ rows }: Thread, id: string): boolean =>
  rows.find((row) => row.id === id)?.notice.collapsed === true;

/** P1: what was to begin was taken, or told together with its end, or given up and reported. */
function beginMissing(thread: Thread, history: History): readonly string[] {
  const { rows, taken } = thread;
  const name = nameOf(thread);
  return rows.filter(isBegin).flatMap((row) => {
    const kind = kindOf(row.id);
    if (taken.some((each) => each.id === row.id)) return [];
    if (row.stage === 'dead')
      return wasReported(row, history)
        ? []
        : [`P1 ${name}: ${kind} was given up, and nobody heard of it`];
    const excused = row.stage === 'superseded' && isExcused(row, thread, history);
    return excused ? [] : [`P1 ${name}: ${kind} is ${row.stage} and was never taken`];
  });
}

/** Its end says all of it, or it was hidden again before it was sent. */
function isExcused(
  { seq, created, episode }: Delivery,
  thread: Thread,
  { journal }: History,
): boolean {
  const { rows, taken } = thread;
  return (
    taken.some((each) => isEnd(each) && isCollapsed(thread, each.id)) ||
    rows.some((row) => row.seq > seq && isBegin(row)) ||
    rows.some((row) => row.seq > seq && isEnd(row) && row.stage === 'dead') ||
    journal.some(
      (entry) =>
        entry.episode === episode &&
        entry.at >= created &&
        ['fold', 'mute'].includes(String(entry.says['kind'])),
    )
  );
}

/** The monitor told of the channel's trouble, which is itself sent by the others. */
const wasReported = (
  { channel, created, settled = created }: Delivery,
  { journal, endedAt }: History,
): boolean =>
  // There must have been time for it.
  settled + 30_000 > endedAt ||
  journal.some(
    ({ at, says }) =>
      says['rule'] === DELIVERY_FAILING &&
      says['kind'] === 'fire' &&
      (says['labels'] as { readonly channel?: string }).channel === channel &&
      at <= settled + 90_000,
  );

/** P2 and P5: each accepted begin has its end, once; no end without a begin, unless it tells of both. */
function closeContract(thread: Thread, history: History): readonly string[] {
  const { taken, rows, episode } = thread;
  const found = taken.flatMap((each, index) => misplaced(each, taken.slice(0, index), thread));
  const dead = rows.findLast((row) => isEnd(row) && row.stage === 'dead');
  const excused = dead !== undefined && wasReported(dead, history);
  return isOpenAfter(taken) && isOver(episode, history) && !excused
    ? [...found, `P2 ${nameOf(thread)}: it began and its end was never taken`]
    : found;
}

const isOpenAfter = (taken: readonly Accepted[]): boolean => {
  const last = taken.findLast((each) => isBegin(each) || isEnd(each));
  return last !== undefined && isBegin(last);
};

/** What is wrong with a message after those before it. */
function misplaced(each: Accepted, before: readonly Accepted[], thread: Thread): readonly string[] {
  const kind = kindOf(each.id);
  const open = isOpenAfter(before);
  if (isBegin(each))
    return open && kind !== 'escalate' ? [`P2 ${nameOf(thread)}: ${kind} while it was open`] : [];
  if (open) return [];
  if (isEnd(each))
    return isCollapsed(thread, each.id)
      ? []
      : [`P5 ${nameOf(thread)}: ${kind} of what never began`];
  return before.some(isEnd) ? [`P4 ${nameOf(thread)}: ${kind} after its end`] : [];
}

/** The last that the journal says of its condition is that it is over. */
const isOver = (episode: string, { journal }: History): boolean =>
  ['close', 'retire', 'lapse'].includes(
    String(
      journal.findLast(
        (entry) =>
          entry.episode === episode &&
          ['fire', 'reopen', 'close', 'retire', 'lapse'].includes(String(entry.says['kind'])),
      )?.says['kind'],
    ),
  );

/** P3: one repetition for each attempt whose end nobody knows; none where it can be looked up. */
function duplicates(thread: Thread, { deaths, book }: History): readonly string[] {
  return thread.taken.flatMap(({ id }) => {
    const count = thread.repeated.filter((each) => each.id === id).length;
    const allowed = thread.channel === 'slack' ? 0 : doubts(id, book.accepted, deaths);
    return count > allowed
      ? [
          `P3 ${nameOf(thread)}: ${kindOf(id)} came ${count + 1} times, ${allowed} repetitions allowed`,
        ]
      : [];
  });
}

/** How often nobody could know whether it was taken: the answer was lost, or the process died on the way. */
export const doubts = (
  id: string,
  accepted: readonly Accepted[],
  deaths: History['deaths'],
): number =>
  accepted.filter((each) => each.id === id && each.lost).length +
  deaths.filter(({ left }) => left.get(id) === 'leased').length;

/** P4: what came first was planned first. */
const order = (thread: Thread): readonly string[] =>
  thread.taken.flatMap(({ id }, index) => {
    const before = thread.taken[index - 1];
    return before !== undefined && seqOf(before.id) > seqOf(id)
      ? [`P4 ${nameOf(thread)}: ${kindOf(before.id)} overtook ${kindOf(id)}`]
      : [];
  });

/** One message of its own for each incident and channel; all else belongs to it. */
function standalone(thread: Thread): readonly string[] {
  const { taken, rows } = thread;
  const [first] = taken;
  if (first === undefined || !isBegin(first)) return [];
  if (rows.find(({ id }) => id === first.id)?.stage !== 'sent') return [];
  const alone = taken.filter((each) => each.alone).map(({ id }) => kindOf(id));
  return alone.length === 1
    ? []
    : [`root ${nameOf(thread)}: ${alone.length} messages of their own: ${alone.join(', ')}`];
}

/** Nobody is bothered before the time that they asked for, but by a monitor that died as it was told. */
const pauses = ({ book: { pauses: all, came }, deaths }: History): readonly string[] =>
  all.flatMap(({ at, life, channel, lasts, after }) => {
    const unheard = deaths.some((death) => death.life === life && death.at === at);
    const early = came
      .slice(after)
      .find((each) => each.channel === channel && each.at < at + lasts * 1000);
    return early === undefined || (unheard && early.life > life)
      ? []
      : [
          `Retry-After: ${channel} was tried ${(early.at - at) / 1000} s after it asked for ${lasts} s`,
        ];
  });

/** Nothing is left over once all is well. */
const unsettled = ({ deliveries }: History): readonly string[] =>
  deliveries
    .filter(({ stage }) => !['sent', 'dead', 'superseded'].includes(stage))
    .map(({ id, stage }) => `P1 ${id.slice(20)} is still ${stage}`);

/** P1: whatever was opened was planned for everybody who is to hear of it. */
const unplanned = ({ journal, deliveries }: History): readonly string[] =>
  journal
    .filter(({ what, says }) => what === 'transition' && says['kind'] === 'open')
    .flatMap(({ episode = '', says }) =>
      TOLD.filter(
        (channel) =>
          (says['labels'] as { readonly channel?: string }).channel !== channel &&
          !deliveries.some(
            (row) => row.episode === episode && row.channel === channel && isBegin(row),
          ),
      ).map((channel) => `P1 ${nameOf({ episode, channel })}: it was never planned`),
    );
