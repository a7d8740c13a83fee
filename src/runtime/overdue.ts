import { between, seconds, type Clock, type Instant, type Seconds } from '../core/time.ts';
import type { Bus } from './bus.ts';
import type { Planned } from './schedule.ts';

interface Watched {
  readonly check: string;
  readonly region: string;
  /** Silence longer than this is not explained by schedule and deadline. */
  readonly patience: Seconds;
  completed: Instant;
  overdue: boolean;
}

/** How often it looks, by a timer of its own: it must notice when the schedule itself has died. */
const LOOK = seconds(1);

/**
 * Notices a check that has not completed, whatever the reason: a schedule that stopped, a run that
 * never ends, a process that was suspended. It trusts nothing but `check.completed`.
 */
export class OverdueWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #clock: Clock;
  readonly #bus: Bus;
  readonly #unsubscribe: () => void;
  #cancel: () => void;
  #lastLook: Instant;

  constructor(
    planned: readonly Planned[],
    interval: (every: string) => Seconds,
    bus: Bus,
    clock: Clock,
  ) {
    this.#clock = clock;
    this.#bus = bus;
    this.#lastLook = clock.steady();
    for (const { check, region } of planned) {
      if (check.needs !== undefined) continue;
      this.#watched.set(`${region.name} ${check.name}`, {
        check: check.name,
        region: region.name,
        patience: seconds(2 * interval(check.every) + check.timeout),
        completed: clock.steady(),
        overdue: false,
      });
    }
    this.#unsubscribe = bus.on('check.completed', ({ result }) => {
      const watched = this.#watched.get(`${result.region} ${result.check}`);
      if (watched !== undefined)
        Object.assign(watched, { completed: clock.steady(), overdue: false });
    });
    this.#cancel = clock.after(LOOK, this.#look);
  }

  /** How long ago it last looked: a loop that is stuck does not look. */
  get idle(): Seconds {
    return between(this.#lastLook, this.#clock.steady());
  }

  /** The checks that are overdue now. */
  overdue(): readonly {
    readonly check: string;
    readonly region: string;
    readonly silent: Seconds;
  }[] {
    const now = this.#clock.steady();
    return [...this.#watched.values()]
      .filter((each) => each.overdue)
      .map(({ check, region, completed }) => ({ check, region, silent: between(completed, now) }));
  }

  stop(): void {
    this.#cancel();
    this.#unsubscribe();
  }

  readonly #look = (): void => {
    this.#lastLook = this.#clock.steady();
    for (const watched of this.#watched.values()) {
      if (watched.overdue || between(watched.completed, this.#lastLook) <= watched.patience)
        continue;
      watched.overdue = true;
      const { check, region, completed } = watched;
      this.#bus.publish({ type: 'check.overdue', check, region, since: completed });
    }
    this.#cancel = this.#clock.after(LOOK, this.#look);
  };
}
