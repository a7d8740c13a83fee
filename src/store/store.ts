import type { Delivery } from '../../alerts/outbox/delivery.ts';
import type { Instant } from '../core/time.ts';

/** One line of the journal: what happened to an alert or a delivery, or what a person did. Never changed. */
export interface Entry {
  readonly at: Instant;
  readonly region: string;
  /** Which alert; absent for what concerns the monitor. */
  readonly fingerprint?: string;
  readonly episode?: string;
  readonly what: 'transition' | 'delivery' | 'operator' | 'monitor';
  /** Plain data; its form belongs to whoever wrote it. */
  readonly says: Readonly<Record<string, unknown>>;
}

/** What becomes durable together or not at all. */
export interface Change {
  /** Small documents by key: the alerts of a region, the silences, a check's memory. `undefined` deletes. */
  readonly documents?: Readonly<Record<string, unknown>>;
  /** Deliveries that are new or have changed, whole. */
  readonly deliveries?: readonly Delivery[];
  readonly journal?: readonly Entry[];
}

/** Which lines of the journal. All that is given must fit. */
export interface Question {
  readonly fingerprint?: string;
  readonly episode?: string;
  readonly region?: string;
  readonly since?: Instant;
  /** The newest so many; they come oldest first. */
  readonly most: number;
}

/** A place that survives the process. Every call is one transaction; what is broken throws. */
export interface Store {
  /**
   * All documents, and the deliveries of every episode of which one is unsettled or settled since
   * `recent`, or whose end is still owed to a channel (see live.ts), in the order of their creation.
   */
  load(recent: Instant): {
    readonly documents: Readonly<Record<string, unknown>>;
    readonly deliveries: readonly Delivery[];
  };
  /** Durable when it returns. @throws when it could not be made so; then nothing of it was. */
  commit(change: Change): void;
  journal(question: Question): readonly Entry[];
  /** Removes older journal lines, and settled deliveries of episodes of which nothing is newer or owed. */
  prune(before: Instant): void;
  close(): void;
}
