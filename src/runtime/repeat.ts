import type { Clock, Seconds } from '../core/time.ts';

/**
 * Actions that are done again and again, each under a name. The next time begins to count when the
 * last one has ended: a slow action never stacks up.
 */
export class Repeat {
  readonly #clock: Clock;
  readonly #onError: (error: unknown, name: string) => void;
  readonly #cancels = new Map<string, () => void>();
  #stopped = false;

  constructor(clock: Clock, onError: (error: unknown, name: string) => void) {
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Begins to do something in `wait`, or goes on with another action under the same name. */
  every(name: string, wait: Seconds, action: () => void | Promise<void>): void {
    if (this.#stopped) return;
    this.#cancels.get(name)?.();
    const cancel = this.#clock.after(wait, () => {
      void this.#run(name, action).then(() => {
        // Somebody may have given the name to another action meanwhile.
        if (this.#cancels.get(name) === cancel) this.every(name, wait, action);
      });
    });
    this.#cancels.set(name, cancel);
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }

  async #run(name: string, action: () => void | Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#onError(error, name);
    }
  }
}
