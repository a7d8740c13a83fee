import type { Instant } from '../../src/core/time.ts';
import type { Notice } from '../notice.ts';
import type { Receipt } from '../notifier.ts';

/**
 * Where a delivery stands.
 *
 * - `queued`: to be sent when `due`.
 * - `leased`: an attempt is under way, or was when the process died.
 * - `doubtful`: an attempt ended without an answer; the channel is asked before it is sent again.
 * - `sent`: accepted; `receipt` is what the channel gave.
 * - `dead`: given up; `trouble` says why.
 * - `superseded`: another delivery says all of it.
 */
export type Stage = 'queued' | 'leased' | 'doubtful' | 'sent' | 'dead' | 'superseded';

/** One notice on its way to one channel: a durable row, written before anything is sent. */
export interface Delivery {
  /** `EPISODE/CHANNEL/KIND/SEQ` */
  readonly id: string;
  readonly channel: string;
  readonly episode: string;
  /** Counts the deliveries of one episode to one channel: the order in which they are sent. */
  readonly seq: number;
  readonly notice: Notice;
  readonly stage: Stage;
  readonly created: Instant;
  /** Not before. */
  readonly due: Instant;
  /** Attempts that were really made. */
  readonly attempts: number;
  /** When the last attempt began. */
  readonly tried?: Instant;
  /** Doubtful, and not found when the channel was asked the first time. */
  readonly asked?: boolean;
  /** When it came to rest: sent, dead or superseded. */
  readonly settled?: Instant;
  readonly receipt?: Receipt;
  /** The channel wanted nothing at all before this. It is kept, so that a new process heeds it too. */
  readonly pause?: Instant;
  /** What went wrong last, for people. */
  readonly trouble?: string;
}

export const isSettled = ({ stage }: Pick<Delivery, 'stage'>): boolean =>
  stage === 'sent' || stage === 'dead' || stage === 'superseded';
