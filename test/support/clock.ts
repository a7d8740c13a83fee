import { instant, seconds, type Clock, type Seconds } from '../../src/core/time.ts';

/** A clock that stands still until it is told to move. */
export class FakeClock implements Clock {
  #now = 1_795_430_000_000;
  #timers: { at: number; action: () => void }[] = [];

  now = (): ReturnType<Clock['now']> => instant(this.#now);
  steady = this.now;

  after = (delay: Seconds, action: () => void): (() => void) => {
    const timer = { at: this.#now + delay * 1000, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  /** Moves on, calling every timer that falls due on the way in its order. */
  advance(by: number): void {
    const end = this.#now + by * 1000;
    for (;;) {
      const next = this.#timers.filter((each) => each.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
    this.#now = end;
  }

  /** How many timers wait: a test's proof that nothing was left behind. */
  get pending(): number {
    return this.#timers.length;
  }

  since(start: number): Seconds {
    return seconds((this.#now - start) / 1000);
  }
}
