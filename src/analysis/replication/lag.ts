import { between, instant, seconds, type Instant, type Seconds } from '../../core/time.ts';

/** A position of the primary's write-ahead log and when it was first seen to be reached. */
export interface WalSample {
  /** On the monitor's steady clock: no other clock enters into lag. */
  readonly at: Instant;
  readonly lsn: bigint;
}

/** How a primary's write-ahead log grew on one timeline: what a standby's replay is held against. */
export interface WalHistory {
  readonly timeline: number;
  /** When the primary was last read. */
  readonly readAt: Instant;
  /** At least one; times and positions both strictly increase. */
  readonly samples: readonly WalSample[];
}

/** Lag beyond this is not told apart any more. */
export const LONGEST_LAG: Seconds = seconds(7200);

/** The most samples that a history keeps. */
export const MOST_SAMPLES = 256;

/**
 * The history after one more look at the primary. A look that shows no new position adds nothing but
 * the time of the look. A new timeline, a position or a clock that went back begins a new history.
 */
export function recordWal(
  history: WalHistory | undefined,
  seen: WalSample & { readonly timeline: number },
): WalHistory {
  const { at, lsn, timeline } = seen;
  const newest = history?.samples.at(-1);
  if (
    history === undefined ||
    newest === undefined ||
    history.timeline !== timeline ||
    lsn < newest.lsn ||
    at < history.readAt
  ) {
    return { timeline, readAt: at, samples: [{ at, lsn }] };
  }
  if (lsn === newest.lsn) return { ...history, readAt: at };
  const before = at === newest.at ? history.samples.slice(0, -1) : history.samples;
  const samples = [...dropForgotten(before, at), { at, lsn }];
  return { timeline, readAt: at, samples: samples.length > MOST_SAMPLES ? thin(samples) : samples };
}

/** Of all that lies beyond the longest lag, the newest says as much as the rest together. */
function dropForgotten(samples: readonly WalSample[], now: Instant): readonly WalSample[] {
  const horizon = instant(now - LONGEST_LAG * 1000);
  const kept = samples.findIndex((sample) => sample.at >= horizon);
  return samples.slice(Math.max(0, (kept === -1 ? samples.length : kept) - 1));
}

/**
 * Joins the two neighbours whose distance is smallest against their age, so that the resolution is
 * finest where lag is small. The pair keeps the earlier time and the later position: a standby that
 * stands still is then never said to have become less late. The newest sample is never joined.
 */
function thin(samples: readonly WalSample[]): readonly WalSample[] {
  const now = samples.at(-1)?.at ?? 0;
  let least = { index: 0, cost: Infinity };
  for (let index = 0; index + 2 < samples.length; index += 1) {
    const [first, second] = [samples[index], samples[index + 1]];
    if (first === undefined || second === undefined) break;
    const cost = (second.at - first.at) / (now - first.at);
    if (cost < least.cost) least = { index, cost };
  }
  const { index } = least;
  const [first, second] = [samples[index], samples[index + 1]];
  if (first === undefined || second === undefined) return samples;
  return [
    ...samples.slice(0, index),
    { at: first.at, lsn: second.lsn },
    ...samples.slice(index + 2),
  ];
}

export interface Lag {
  readonly behind: Seconds;
  /** False when the standby was late before the history begins, or beyond the longest lag: "at least". */
  readonly exact: boolean;
}

/** What is known of the two sides at the moment of asking. */
export interface LagQuestion {
  readonly now: Instant;
  readonly replayed: bigint;
  /** The timeline that the standby is on. */
  readonly timeline: number;
  /** True when the primary was read in this same look. */
  readonly primaryRead: boolean;
  /** A primary that was not read for longer than this says nothing any more. */
  readonly staleAfter: Seconds;
}

/**
 * How long a standby has been behind its primary: the age of the first position beyond its own that
 * the primary was seen to have reached. Right for an idle primary, a cut link and a paused replay,
 * whatever the hosts' clocks say; the error is one interval of looking.
 *
 * Undefined when it cannot be known: on another timeline, when the primary was not read for too long,
 * or when the standby has all that was seen of a primary which may have gone on unseen.
 */
export function sampledLag(
  history: WalHistory | undefined,
  { now, replayed, timeline, primaryRead, staleAfter }: LagQuestion,
): Lag | undefined {
  if (history?.timeline !== timeline) return undefined;
  const unread = between(history.readAt, now);
  if (unread < 0 || unread > staleAfter) return undefined;
  const first = history.samples.findIndex((sample) => sample.lsn > replayed);
  const ahead = history.samples[first];
  if (ahead === undefined) return primaryRead ? { behind: seconds(0), exact: true } : undefined;
  const behind = between(ahead.at, now);
  return {
    behind: seconds(Math.min(LONGEST_LAG, behind)),
    exact: first > 0 && behind <= LONGEST_LAG,
  };
}
