import type { CheckResult } from '../core/check.ts';
import { CheckFailure } from '../core/failure.ts';
import { between, formatDuration, seconds, type Instant, type Seconds } from '../core/time.ts';

/**
 * A result as it counts at this moment. One that is older than its lifetime is history: what it saw is
 * taken away, and the state is unknown, so that a check that has stopped is never shown as health.
 */
export function asOfNow(result: CheckResult, now: Instant, lifetime: Seconds): CheckResult {
  const age = seconds(between(result.startedAt, now) - result.took);
  if (age <= lifetime) return result;
  return {
    ...result,
    state: 'unknown',
    observations: [],
    findings: [],
    evidence: [],
    gaps: [],
    skips: [],
    failure: new CheckFailure('timeout', `has not completed for ${formatDuration(age)}`),
  };
}
