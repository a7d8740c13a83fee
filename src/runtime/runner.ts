import type { Check, CheckResult, Trigger } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import { labelKey } from '../core/metric.ts';
import type { Bus } from './bus.ts';
import { invoke, type Means } from './invoke.ts';
import type { Latest } from './latest.ts';
import { absentees, fits } from './plan.ts';

/**
 * Turns requests into runs and runs into results.
 *
 *   check.requested → invoke → Latest → check.completed
 *                                          ├→ derived checks that need it
 *                                          └→ one confirming run for a new finding that asks for it
 *
 * One check never runs twice at once on one region: a request that comes meanwhile is dropped and told.
 */
export class Runner {
  readonly #checks: readonly Check[];
  readonly #bus: Bus;
  readonly #latest: Latest;
  readonly #means: Means;
  readonly #present: (result: CheckResult) => CheckResult;
  readonly #running = new Map<string, Promise<void>>();
  readonly #unsubscribe: () => void;

  /** @param present a result as it counts now: what a derived check is given must not be history. */
  constructor(
    checks: readonly Check[],
    bus: Bus,
    latest: Latest,
    means: Means,
    present: (result: CheckResult) => CheckResult = (result) => result,
  ) {
    this.#checks = checks;
    this.#present = present;
    this.#bus = bus;
    this.#latest = latest;
    this.#means = means;
    this.#unsubscribe = bus.on('check.requested', ({ check, region, trigger }) => {
      this.#request(check, region, trigger);
    });
  }

  /** No new runs; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await Promise.all(this.#running.values());
  }

  #request(check: Check, region: Region, trigger: Trigger): void {
    const key = `${region.name} ${check.name}`;
    if (this.#means.signal.aborted) return;
    if (this.#running.has(key)) {
      this.#bus.publish({ type: 'check.overlapped', check: check.name, region: region.name });
      return;
    }
    const run = this.#run(check, region, trigger).then((next) => {
      this.#running.delete(key);
      next();
    });
    this.#running.set(key, run);
  }

  /** A derived check follows what it needs, once all of that has been seen which exists there. */
  #isDue(check: Check, after: Check, region: Region): boolean {
    const { needs = [] } = check;
    const isSeen = ({ name }: Check): boolean => this.#latest.get(name, region.name) !== undefined;
    return (
      needs.includes(after.name) &&
      fits(check, region) &&
      this.#checks.filter((each) => needs.includes(each.name) && fits(each, region)).every(isSeen)
    );
  }

  /** Runs once, and returns what is to happen as soon as the next run may start. */
  async #run(check: Check, region: Region, trigger: Trigger): Promise<() => void> {
    const { clock } = this.#means;
    const needed = this.#checks.filter(({ name }) => check.needs?.includes(name));
    const result = await invoke(
      check,
      region,
      {
        trigger,
        memory: this.#latest.memory(check.name, region.name),
        standing: this.#latest.standing(check.name, region.name),
        needs: {
          ...absentees(needed, region, clock.now()),
          ...this.#latest.needs(check, region, this.#present),
        },
      },
      this.#means,
    );
    // Cut short by the monitor's own end: that says nothing about the region.
    if (result.failure?.code === 'cancelled') return () => undefined;
    const before = this.#latest.put(result);
    this.#bus.publish({ type: 'check.completed', result, before });
    return () => {
      if (trigger !== 'followup' && wantsConfirmation(check, result, before))
        this.#request(check, region, 'followup');
      for (const derived of this.#checks)
        if (this.#isDue(derived, check, region)) this.#request(derived, region, 'event');
    };
  }
}

/** True when the result holds a finding that is new and whose rule wants a second look at once. */
export function wantsConfirmation(
  check: Check,
  result: CheckResult,
  before: CheckResult | undefined,
): boolean {
  const eager = new Set(
    check.rules.filter(({ confirm }) => confirm).map(({ name }) => name as string),
  );
  const known = new Set(before?.findings.map(({ rule, labels }) => rule + labelKey(labels)));
  return result.findings.some(
    ({ rule, labels }) => eager.has(rule) && !known.has(rule + labelKey(labels)),
  );
}
