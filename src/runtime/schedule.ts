import cron from 'node-cron';
import type { Check } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import { toCron } from '../core/schedule.ts';
import { seconds, type Clock, type Seconds } from '../core/time.ts';
import type { Bus } from './bus.ts';

const FORM =
  'a duration that divides a minute, an hour or a day (10s, 30s, 1m, 5m, 1h), or a cron expression';

/** What is wrong with a schedule, as the expected form; undefined when it can be planned. */
export function scheduleProblem(every: string): string | undefined {
  const expression = toCron(every);
  return expression !== undefined && cron.validate(expression) ? undefined : FORM;
}

/** The longest time between two runs that a schedule plans, over its next dozen runs. */
export function longestInterval(every: string): Seconds {
  const task = cron.createTask(toCron(every) ?? every, () => undefined, { timezone: 'UTC' });
  try {
    const runs = task.getNextRuns(13).map((date) => date.getTime());
    const gaps = runs.slice(1).map((time, index) => time - (runs[index] ?? time));
    return seconds(Math.max(...gaps) / 1000);
  } finally {
    void task.destroy();
  }
}

/** Between the end of a run and Prometheus' own time-out: the margin of a probe, the answer and its way. */
const WAY_BACK = seconds(1);

/** How often Prometheus is to probe a check, and how long it is to wait; it refuses more than the interval. */
export function scrapeTimes(
  check: Pick<Check, 'every' | 'timeout' | 'needs'>,
  all: readonly Check[],
): { readonly interval: Seconds; readonly timeout: Seconds } {
  const interval = longestInterval(check.every);
  const timeout = seconds(Math.min(interval, deadlineOf(check, all) + WAY_BACK));
  return { interval, timeout };
}

/** The longest that a probe can take: for a derived check all that it needs may have to be looked at before. */
function deadlineOf(
  { timeout, needs = [] }: Pick<Check, 'timeout' | 'needs'>,
  all: readonly Check[],
): Seconds {
  const needed = all.filter(({ name }) => needs.includes(name));
  return seconds(timeout + Math.max(0, ...needed.map((each) => deadlineOf(each, all))));
}

/** A check on a region: what the schedule asks for, again and again. */
export interface Planned {
  readonly check: Check;
  readonly region: Region;
}

/** Runs of one expression are spread over this long, so that regions do not all start in one instant. */
const SPREAD = seconds(1);

/**
 * Asks for runs on time and does nothing else: no deadline, no overlap guard, no retry stands here.
 * One cron task per distinct expression (node-cron's cost is per task and tick), fanned out with a
 * delay that is fixed for each check and region, in UTC, where no hour is skipped or repeated.
 */
export class Schedule {
  readonly #tasks: readonly ReturnType<typeof cron.schedule>[];
  readonly #pending = new Set<() => void>();
  readonly #clock: Clock;
  readonly #bus: Bus;

  constructor(planned: readonly Planned[], bus: Bus, clock: Clock) {
    this.#clock = clock;
    this.#bus = bus;
    this.#tasks = [...byExpression(planned)].map(([expression, members]) => {
      const task = cron.schedule(
        expression,
        () => {
          for (const member of members) this.#later(member);
        },
        { timezone: 'UTC', name: expression, logger: SILENT },
      );
      task.on('execution:missed', () => {
        bus.publish({ type: 'schedule.missed', checks: members.map(({ check }) => check.name) });
      });
      return task;
    });
  }

  async stop(): Promise<void> {
    for (const cancel of this.#pending) cancel();
    for (const task of this.#tasks) await task.destroy();
  }

  #later({ check, region }: Planned): void {
    const cancel = this.#clock.after(delayOf(`${region.name} ${check.name}`), () => {
      this.#pending.delete(cancel);
      this.#bus.publish({ type: 'check.requested', check, region, trigger: 'cron' });
    });
    this.#pending.add(cancel);
  }
}

function byExpression(planned: readonly Planned[]): ReadonlyMap<string, readonly Planned[]> {
  const groups = new Map<string, Planned[]>();
  for (const each of planned) {
    // A derived check has no schedule: it follows what it needs.
    if (each.check.needs !== undefined) continue;
    const expression = toCron(each.check.every) ?? each.check.every;
    groups.set(expression, [...(groups.get(expression) ?? []), each]);
  }
  return groups;
}

/** Somewhere within SPREAD, always the same for one text. */
function delayOf(text: string): Seconds {
  let hash = 0;
  for (const letter of text) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return seconds(((hash % 1000) / 1000) * SPREAD);
}

/** What node-cron would print is told through the bus instead. */
const SILENT = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
};
