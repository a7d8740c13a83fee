import { between, seconds, type Clock, type Instant, type Seconds } from '../core/time.ts';

/** The wall clock was set: at this moment of the steady clock, forwards or (negative) backwards. */
export interface Jump {
  readonly at: Instant;
  readonly by: Seconds;
}

/** Both clocks at one moment. */
export interface Reading {
  readonly wall: Instant;
  readonly steady: Instant;
}

/** Less is a clock that is being steered, which is as it should be. */
const TOLERANCE = seconds(5);
/** How long a jump is remembered. */
const MEMORY = seconds(600);
const LOOK = seconds(1);

/** How much further the wall clock went than time did; undefined while that is within the tolerance. */
export function jumpBetween(before: Reading, after: Reading): Jump | undefined {
  const by = seconds(between(before.wall, after.wall) - between(before.steady, after.steady));
  return Math.abs(by) > TOLERANCE ? { at: after.steady, by } : undefined;
}

/**
 * Notices that the wall clock was set, or that the host slept: the steady clock stands still then.
 * Every time stamp that people and other programs are shown is doubtful for a while.
 */
export class ClockWatch {
  readonly #clock: Clock;
  #last: Reading;
  #jumps: readonly Jump[] = [];
  #cancel: () => void;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#last = read(clock);
    this.#cancel = clock.after(LOOK, this.#look);
  }

  /** The jumps of the last ten minutes, oldest first. */
  jumps(): readonly Jump[] {
    const now = this.#clock.steady();
    return this.#jumps.filter(({ at }) => between(at, now) <= MEMORY);
  }

  stop(): void {
    this.#cancel();
  }

  readonly #look = (): void => {
    const reading = read(this.#clock);
    const jump = jumpBetween(this.#last, reading);
    this.#last = reading;
    this.#jumps = jump === undefined ? this.jumps() : [...this.jumps(), jump];
    this.#cancel = this.#clock.after(LOOK, this.#look);
  };
}

const read = (clock: Clock): Reading => ({ wall: clock.now(), steady: clock.steady() });
