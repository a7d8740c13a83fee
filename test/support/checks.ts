import { defineCheck, type Check, type CheckSpec } from '../../src/core/check.ts';
import { gauge, observe } from '../../src/core/metric.ts';
import type { Rule } from '../../src/core/rule.ts';
import { seconds } from '../../src/core/time.ts';

export const value = gauge({ name: 'maasha_test_value', help: 'A value.', labels: ['node'] });

export const tooHigh: Rule = {
  name: 'MaasHaTestTooHigh',
  severity: 'critical',
  metric: value,
  when: { above: 10 },
  for: seconds(0),
  summary: '{node} has {value}',
};

/** A check for tests of the machinery: it observes 1 unless told otherwise. */
export const testCheck = (changes: Partial<CheckSpec> = {}): Check =>
  defineCheck({
    name: 'test',
    about: 'A check for tests.',
    every: '10s',
    timeout: seconds(5),
    metrics: [value],
    rules: [tooHigh],
    run: async () => [observe(value, 1, { node: 'rc1' })],
    ...changes,
  });
