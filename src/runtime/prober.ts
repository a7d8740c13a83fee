import type { Check, CheckResult } from '../core/check.ts';
import { CheckFailure } from '../core/failure.ts';
import type { Region } from '../core/region.ts';
import { sawNothing } from '../core/result.ts';
import { between, formatDuration, instant, seconds, type Seconds } from '../core/time.ts';
import { asOfNow, lifetimes } from './freshness.ts';
import type { Gate } from './gate.ts';
import { invoke, type Invocation, type Means } from './invoke.ts';
import type { Latest } from './latest.ts';
import { absentees, fits } from './plan.ts';
import { wantsConfirmation } from './runner.ts';
import { longestInterval } from './schedule.ts';
import { Unavailable } from './server.ts';

/*
 * DESIGN of probes. Somebody else has the schedule (Prometheus, a person), and a region must not notice how
 * many of them there are:
 *
 * - One check never runs twice at once on one region: who asks meanwhile is given the result of the run that
 *   is under way.
 * - Where results are kept, one that is younger than half the check's own interval is given again, as what it
 *   is: with the time at which it was seen. So two Prometheus servers that ask one instance come to one look
 *   an interval. `fresh` always looks.
 * - A derived check is given the newest results of what it needs, as long as they may be shown as the present
 *   (freshness.ts); only what is missing or older is looked at for it, side by side.
 * - Its deadline is the check's own. Who can wait for less long is told so in time; the run goes on to its end,
 *   and is there for the next one who asks.
 * - A new finding of which the rule wants it is looked at once more within the same probe, and what the second
 *   look shows is the answer: Prometheus tells of such a finding as soon as it has one sample of it.
 * - So many runs at once, so many of one region; the rest waits, and is refused (503) when its asker's time is up.
 *
 * MEMORY. Many checks remember something from look to look: where the log was, since when serials differ. What
 * a run remembers is handed to the next one from RAM, however old it is, as after a restart of the service:
 * each check judges by the clock what its memory is still worth. `once` is true, so that a check looks twice
 * where one look cannot tell, when there is no result or none that still counts as the present: the first probe
 * after a start, and somebody who asks now and then.
 */

/** One question. */
export interface Asked {
  readonly check: Check;
  readonly region: Region;
  /** For how long whoever asks can wait. */
  readonly limit?: Seconds;
  /** A new look, also where a kept result would do. */
  readonly fresh?: boolean;
}

export interface Answer {
  readonly result: CheckResult;
  /** `ran` for it, `joined` a run under way, `kept` from an earlier one, `late`: not there in time. */
  readonly way: 'ran' | 'joined' | 'kept' | 'late';
}

export interface ProberParts {
  readonly checks: readonly Check[];
  readonly latest: Latest;
  readonly means: Means;
  readonly gate: Gate;
  /** Takes in what a run came to; where nobody does, no result is kept and each probe is a new look. */
  readonly keep?: (result: CheckResult) => void;
}

type Needs = Readonly<Record<string, CheckResult>>;

interface Run {
  /** It had room, and looks. */
  begun: boolean;
  /** How many wait for it. */
  waiting: number;
  result: Promise<CheckResult>;
}

/** Answers probes of these checks. */
export class Prober {
  readonly checks: readonly Check[];
  readonly #parts: ProberParts;
  readonly #lifetimes: ReadonlyMap<string, Seconds>;
  readonly #halves: ReadonlyMap<string, Seconds>;
  readonly #runs = new Map<string, Run>();

  constructor(parts: ProberParts) {
    this.#parts = parts;
    this.checks = parts.checks;
    this.#lifetimes = lifetimes(parts.checks);
    this.#halves = new Map(
      parts.checks.map(({ name, every }) => [name, seconds(longestInterval(every) / 2)]),
    );
  }

  /** A result as it counts at this moment. */
  readonly present = (result: CheckResult): CheckResult =>
    asOfNow(result, this.#parts.means.clock.now(), this.#lifetimes.get(result.check) ?? seconds(0));

  /** @throws Unavailable when there is no room in time, or the process is being stopped. */
  async answer({ check, region, limit, fresh = false }: Asked): Promise<Answer> {
    const kept = fresh ? undefined : this.#kept(check, region);
    if (kept !== undefined) return { result: kept, way: 'kept' };
    const joined = this.#runs.has(keyOf(check, region));
    const run = this.#runOf(check, region, fresh);
    const result = await this.#patiently(run, check, region, limit);
    if (result === undefined) return { result: this.#late(check, region, limit), way: 'late' };
    if (result.failure?.code === 'cancelled') throw new Unavailable('the process is being stopped');
    return { result, way: joined ? 'joined' : 'ran' };
  }

  /** Resolves when no run is under way any more. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].map(({ result }) => result));
  }

  #kept(check: Check, region: Region): CheckResult | undefined {
    const result =
      this.#parts.keep === undefined ? undefined : this.#parts.latest.get(check.name, region.name);
    if (result === undefined) return undefined;
    const age = between(result.startedAt, this.#parts.means.clock.now());
    // A look in time to come is one from before the clock was set back.
    return age >= 0 && age < (this.#halves.get(check.name) ?? 0) ? result : undefined;
  }

  #runOf(check: Check, region: Region, fresh: boolean): Run {
    const key = keyOf(check, region);
    const underWay = this.#runs.get(key);
    if (underWay !== undefined) return underWay;
    const run: Run = { begun: false, waiting: 0, result: NEVER };
    this.#runs.set(key, run);
    run.result = this.#run(run, check, region, fresh).finally(() => {
      this.#runs.delete(key);
    });
    // Who waits for it is told; where nobody does any more, nothing is wrong.
    run.result.catch(() => undefined);
    return run;
  }

  async #run(run: Run, check: Check, region: Region, fresh: boolean): Promise<CheckResult> {
    const { gate, keep } = this.#parts;
    // What only combines takes no room: it would wait for those that wait for it.
    if (check.needs !== undefined) run.begun = true;
    const needs = await this.#needsOf(check, region, fresh);
    const leave = check.needs === undefined ? await gate.enter(region.name) : () => undefined;
    try {
      if (run.waiting === 0) throw new Unavailable('nobody waits for it any more');
      run.begun = true;
      const result = await this.#lookSurely(check, region, needs);
      if (result.failure?.code !== 'cancelled') keep?.(result);
      return result;
    } finally {
      leave();
    }
  }

  /** One look, and at once another one when a new finding wants to be confirmed before anybody is told. */
  async #lookSurely(check: Check, region: Region, needs: Needs): Promise<CheckResult> {
    const { latest, means } = this.#parts;
    const before = latest.get(check.name, region.name);
    const invocation: Invocation = {
      trigger: 'probe',
      once: before === undefined || this.present(before) !== before,
      memory: latest.memory(check.name, region.name),
      standing: latest.standing(check.name, region.name),
      needs,
    };
    const first = await invoke(check, region, invocation, means);
    if (!wantsConfirmation(check, first, before)) return first;
    // Both together have the time of one: whoever asked waits for no longer than that.
    const left = seconds(check.timeout - first.took);
    const again = { ...invocation, memory: first.memory, standing: first.findings, limit: left };
    const second = await invoke(check, region, again, means);
    return second.failure === undefined ? second : first;
  }

  /** What stands in for the checks that it needs: known and present, or looked at now. */
  async #needsOf(check: Check, region: Region, fresh: boolean): Promise<Needs> {
    const needed = this.checks.filter(({ name }) => check.needs?.includes(name));
    const results = await Promise.all(
      needed
        .filter((each) => fits(each, region))
        .map(async (each) => {
          const known = fresh ? undefined : this.#known(each, region);
          return known ?? (await this.#look(each, region, fresh));
        }),
    );
    return {
      ...absentees(needed, region, this.#parts.means.clock.now()),
      ...Object.fromEntries(results.map((result) => [result.check, result])),
    };
  }

  #known(check: Check, region: Region): CheckResult | undefined {
    const result = this.#parts.latest.get(check.name, region.name);
    return result !== undefined && this.present(result) === result ? result : undefined;
  }

  async #look(check: Check, region: Region, fresh: boolean): Promise<CheckResult> {
    const run = this.#runOf(check, region, fresh);
    run.waiting += 1;
    return run.result;
  }

  /** What a run comes to; undefined when it has begun and is not there in time. */
  async #patiently(
    run: Run,
    check: Check,
    region: Region,
    limit: Seconds | undefined,
  ): Promise<CheckResult | undefined> {
    const { means, gate } = this.#parts;
    run.waiting += 1;
    let cancel: () => void = () => undefined;
    const passed = new Promise<undefined>((resolve, reject) => {
      if (limit === undefined) return;
      cancel = means.clock.after(limit, () => {
        if (run.begun) resolve(undefined);
        else
          reject(
            new Unavailable(
              `no room for ${check.name} on ${region.name} within ${formatDuration(limit)}: runs under way: ${gate.running}, waiting: ${gate.waiting}; ask fewer regions of one instance, or ask it less often`,
            ),
          );
      });
    });
    try {
      return await Promise.race([run.result, passed]);
    } finally {
      cancel();
      run.waiting -= 1;
    }
  }

  #late(check: Check, region: Region, limit = check.timeout): CheckResult {
    const now = this.#parts.means.clock.now();
    return {
      check: check.name,
      region: region.name,
      trigger: 'probe',
      startedAt: instant(now - limit * 1000),
      took: limit,
      ...sawNothing(new CheckFailure('timeout', `not finished within ${formatDuration(limit)}`)),
    };
  }
}

/** Stands until the run has one, within the same turn of the loop. */
const NEVER = new Promise<never>(() => undefined);

const keyOf = (check: Check, region: Region): string => `${region.name} ${check.name}`;
