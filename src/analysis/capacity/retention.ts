import type { Limits, Slot } from './rows.ts';

/*
 * How much write-ahead log a standby may still miss. A standby that connects asks for whole segments
 * from the one that holds its position on, and a primary keeps whole segments: those up to `keep` before
 * its own, or more where a slot holds them. This is the arithmetic of PostgreSQL's own `safe_wal_size`.
 */

/** What is known of one standby and its primary at one moment. */
export interface Needs {
  /** How far the standby has the WAL on its disk. */
  readonly stands: bigint;
  /** The primary's own position, on the same timeline. */
  readonly flushed: bigint;
  readonly limits: Limits;
  /** The slot that it uses; undefined when it uses none, or that is not known. */
  readonly slot: Slot | undefined;
  /** Undefined when the primary did not tell. */
  readonly connected: boolean | undefined;
  /** The number of the oldest segment on the primary's disk; undefined when that cannot be seen. */
  readonly oldest: bigint | undefined;
}

export interface Retention {
  /** The number of the segment that the standby asks for first. */
  readonly needs: bigint;
  /** Bytes until what it needs is no longer promised, negative when it is not; undefined without a limit. */
  readonly headroom: bigint | undefined;
  /** The part of the promise that is left, at most 1; undefined without a limit or without a promise. */
  readonly ratio: number | undefined;
  /**
   * Whether the standby can still get what it needs. `beyond`: it is not promised any more and may be
   * gone. Undefined when it is not known whether it is connected, and so has what it needs.
   */
  readonly state: 'kept' | 'there' | 'beyond' | 'gone' | undefined;
}

/** A slot that is lost holds nothing any more, and one that was never used has not begun to. */
const holds = (slot: Slot | undefined): slot is Slot & { readonly restart: bigint } =>
  slot?.restart !== undefined && slot.status !== 'lost';

const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);

export function retain(known: Needs): Retention {
  const { limits, slot } = known;
  const needs = known.stands / limits.segment;
  if (holds(slot) && limits.slotKeep === undefined)
    return { needs, headroom: undefined, ratio: undefined, state: 'kept' };
  const { keep, promised } = promiseOf(known, needs);
  const state = stateOf(known, needs, promised);
  const headroom = state === 'gone' && promised > 0n ? 0n : promised;
  const whole = keep * limits.segment;
  const ratio = whole === 0n ? undefined : Math.min(1, Number(headroom) / Number(whole));
  return { needs, headroom, ratio, state };
}

/** Segments that are kept, and the bytes until the promise no longer covers what the standby needs. */
function promiseOf({ limits, slot, flushed }: Needs, needs: bigint) {
  const until = (first: bigint, keep: bigint): bigint =>
    (first + keep + 1n) * limits.segment - flushed;
  if (!holds(slot)) return { keep: limits.keep, promised: until(needs, limits.keep) };
  const keep = greater(limits.keep, limits.slotKeep ?? 0n);
  // A slot holds back from its own position on, which may be older than the standby's.
  return { keep, promised: slot.safe ?? until(slot.restart / limits.segment, keep) };
}

/** What is seen on the disk is stronger than any promise: a limit that was raised brings nothing back. */
function stateOf(known: Needs, needs: bigint, promised: bigint): Retention['state'] {
  const { connected, oldest, slot } = known;
  if (connected === true) return 'kept';
  const gone = (oldest !== undefined && needs < oldest) || slot?.status === 'lost';
  if (!gone && promised >= 0n) return 'kept';
  if (connected === undefined) return undefined;
  if (gone) return 'gone';
  return oldest === undefined ? 'beyond' : 'there';
}
