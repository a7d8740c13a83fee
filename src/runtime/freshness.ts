import type { Check, CheckResult } from '../core/check.ts';
import { CheckFailure } from '../core/failure.ts';
import { sawNothing } from '../core/result.ts';
import { between, formatDuration, seconds, type Instant, type Seconds } from '../core/time.ts';
import { longestInterval } from './schedule.ts';

/**
 * A result as it counts at this moment. One that is older than its lifetime is history: what it saw is
 * taken away, and the state is unknown, so that a check that has stopped is never shown as health.
 */
export function asOfNow(result: CheckResult, now: Instant, lifetime: Seconds): CheckResult {
  const age = seconds(between(result.startedAt, now) - result.took);
  if (age <= lifetime) return result;
  return {
    ...result,
    ...sawNothing(new CheckFailure('timeout', `has not completed for ${formatDuration(age)}`)),
  };
}

/** Three planned runs: then a result is history. A derived check's lives as long as what it needs. */
export function lifetimes(checks: readonly Check[]): ReadonlyMap<string, Seconds> {
  const found = new Map<string, Seconds>();
  for (const { name, needs, every, timeout } of checks) {
    const needed = (needs ?? []).map((need) => found.get(need) ?? 0);
    const own = 3 * longestInterval(every) + timeout;
    found.set(name, seconds(needs === undefined ? own : Math.max(own, ...needed)));
  }
  return found;
}
