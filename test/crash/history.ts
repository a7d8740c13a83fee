import type { Delivery, Stage } from '../../alerts/outbox/delivery.ts';
import type { Entry } from '../../src/store/store.ts';
import type { Book } from './book.ts';
import type { CheckName, Readings } from './house.ts';
import type { Label, Script } from './script.ts';

/** One run of a check, and whether the monitor surely took it: it did not die meanwhile. */
export interface LookTaken {
  readonly at: number;
  readonly life: number;
  readonly check: CheckName;
  readonly readings: Readings;
  readonly certain: boolean;
}

/** The end of one life of the monitor. */
export interface Death {
  readonly at: number;
  readonly life: number;
  /** `idle`: it was killed while nothing went on. */
  readonly label: Label | 'idle';
  /** How each delivery stood in the store that it left behind. */
  readonly left: ReadonlyMap<string, Stage>;
}

/** All that really happened, for the checker. */
export interface History {
  readonly script: Script;
  /** When the last step of the script was over and everything was well again. */
  readonly healedAt: number;
  readonly endedAt: number;
  readonly looks: readonly LookTaken[];
  readonly deaths: readonly Death[];
  readonly book: Pick<Book, 'accepted' | 'pushed' | 'came' | 'pauses' | 'bad'>;
  /** What the last store holds. */
  readonly deliveries: readonly Delivery[];
  readonly journal: readonly Entry[];
  /** What went wrong inside the monitor that never should. */
  readonly defects: readonly string[];
}
