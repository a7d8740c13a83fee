import type { CheckResult } from '../../src/core/check.ts';
import type { Observation } from '../../src/core/metric.ts';
import { instant, seconds } from '../../src/core/time.ts';

/** A finished run that saw these samples and found nothing; a test changes what it is about. */
export const result = (
  check: string,
  observations: readonly Observation[] = [],
  changes: Partial<CheckResult> = {},
): CheckResult => ({
  check,
  region: 'maas3',
  trigger: 'cron',
  state: 'ok',
  startedAt: instant(0),
  took: seconds(0),
  observations,
  inapplicable: [],
  findings: [],
  evidence: [],
  gaps: [],
  skips: [],
  ...changes,
});
