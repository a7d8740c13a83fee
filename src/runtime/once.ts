import type { Check, CheckResult } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import { invoke, type Invocation, type Means } from './invoke.ts';
import { absentees, fits } from './plan.ts';

/**
 * Runs the checks that look at such a target on it, without any service behind them, those that
 * others need first. All that do not depend on each other run at the same time; `done` is told of
 * each result as it comes. Of a check that does not exist there, the result says why: last, and skipped.
 */
export async function runTogether(
  checks: readonly Check[],
  region: Region,
  invocation: (check: Check) => Invocation,
  means: Means,
  done: (result: CheckResult) => void = () => undefined,
): Promise<readonly CheckResult[]> {
  const absent = absentees(checks, region, means.clock.now());
  const running = new Map<string, Promise<CheckResult>>();
  for (const check of checks.filter((each) => fits(each, region))) {
    const needed = (check.needs ?? []).flatMap((name) => running.get(name) ?? []);
    const start = async (): Promise<CheckResult> => {
      const seen = (await Promise.all(needed)).map((each) => [each.check, each] as const);
      const needs = { ...absent, ...Object.fromEntries(seen) };
      const result = await invoke(check, region, { ...invocation(check), needs }, means);
      done(result);
      return result;
    };
    running.set(check.name, start());
  }
  return [...(await Promise.all(running.values())), ...Object.values(absent)];
}

/** The named checks and all that they need, in the catalogue's order. */
export function withNeeds(all: readonly Check[], names: readonly string[]): readonly Check[] {
  const wanted = new Set(names);
  // Needs stand before what needs them, so one pass from the back finds them all.
  for (const check of all.toReversed())
    if (wanted.has(check.name)) for (const need of check.needs ?? []) wanted.add(need);
  return all.filter(({ name }) => wanted.has(name));
}
