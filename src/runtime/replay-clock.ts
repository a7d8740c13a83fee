import { instant, seconds, type Clock, type Instant, type Seconds } from '../core/time.ts';

interface Timer {
  readonly due: number;
  readonly action: () => void;
}

/** A clock that a recording moves: time passes as fast as the recording is read. */
export class ReplayClock implements Clock {
  #wall: number;
  #steady: number;
  #timers = new Set<Timer>();

  constructor(wall: Instant, steady: Instant) {
    this.#wall = wall;
    this.#steady = steady;
  }

  readonly now = (): Instant => instant(this.#wall);
  readonly steady = (): Instant => instant(this.#steady);

  readonly after = (delay: Seconds, action: () => void): (() => void) => {
    const timer = { due: this.#steady + delay * 1000, action };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  };

  /** When the next timer is due, as far as there is one before `until`; else `until`. */
  next(until: Instant): Seconds {
    const soonest = Math.min(until, ...[...this.#timers].map(({ due }) => due));
    return seconds(Math.max(0, soonest - this.#steady) / 1000);
  }

  /** Lets time pass, and does what falls due at its end. */
  pass(by: Seconds): void {
    this.#steady += by * 1000;
    this.#wall += by * 1000;
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) {
      if (timer.due > this.#steady || !this.#timers.delete(timer)) continue;
      timer.action();
    }
  }

  /** Sets the wall clock, as the recorded one was set. */
  set(wall: Instant): void {
    this.#wall = wall;
  }
}
