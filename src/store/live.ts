import type { NoticeKind } from '../../alerts/notice.ts';
import type { Delivery, Stage } from '../../alerts/outbox/delivery.ts';
import type { Instant } from '../core/time.ts';

/** Of a delivery what decides whether its episode still matters. */
export interface Trace {
  readonly episode: string;
  readonly channel: string;
  readonly seq: number;
  readonly kind: NoticeKind;
  readonly stage: Stage;
  /** When it came to rest; absent while it has not. */
  readonly settled?: Instant;
}

/** When it came to rest, even if whoever settled it did not say. */
export const restedAt = (delivery: Delivery): Instant | undefined =>
  delivery.stage === 'sent' || delivery.stage === 'dead' || delivery.stage === 'superseded'
    ? (delivery.settled ?? delivery.created)
    : undefined;

export const traceOf = (delivery: Delivery): Trace => {
  const { episode, channel, seq, stage } = delivery;
  const settled = restedAt(delivery);
  return {
    episode,
    channel,
    seq,
    stage,
    kind: delivery.notice.kind,
    ...(settled !== undefined && { settled }),
  };
};

const OPENING: ReadonlySet<NoticeKind> = new Set<NoticeKind>(['open', 'escalate', 'reopen']);
const CLOSING: ReadonlySet<NoticeKind> = new Set<NoticeKind>(['close', 'retire']);

const wasBegun = ({ stage, kind }: Trace): boolean => stage === 'sent' && OPENING.has(kind);

/** An end that was given up has been reported elsewhere; one that was superseded said nothing. */
const wasEnded = ({ stage, kind }: Trace): boolean =>
  (stage === 'sent' || stage === 'dead') && CLOSING.has(kind);

const later = (a: Trace | undefined, b: Trace): Trace => (a !== undefined && a.seq > b.seq ? a : b);

/**
 * The episodes whose deliveries are needed: one is unsettled, or was settled since `recent`, or a
 * channel accepted that the episode began and was never told its end, however long ago that was:
 * the end is still owed, and has to follow in the thread that the receipts name.
 */
export function liveEpisodes(traces: Iterable<Trace>, recent: Instant): ReadonlySet<string> {
  const live = new Set<string>();
  /** By episode and channel: its last begin or end. */
  const last = new Map<string, Trace>();
  for (const trace of traces) {
    if (trace.settled === undefined || trace.settled >= recent) live.add(trace.episode);
    const thread = JSON.stringify([trace.episode, trace.channel]);
    const older = last.get(thread);
    if (wasBegun(trace) || wasEnded(trace)) last.set(thread, later(older, trace));
  }
  for (const trace of last.values()) if (wasBegun(trace)) live.add(trace.episode);
  return live;
}
