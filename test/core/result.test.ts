import { describe, expect, it, test } from 'vitest';
import { defineCheck, evidence, gap, remember, skip, worst } from '../../src/core/check.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import { gauge, observe } from '../../src/core/metric.ts';
import { summarise } from '../../src/core/result.ts';
import { seconds } from '../../src/core/time.ts';

const up = gauge({ name: 'maasha_test_up', help: 'Up.', labels: ['node'] });
const check = defineCheck({
  name: 'test',
  about: 'A check for tests.',
  every: '10s',
  timeout: seconds(1),
  metrics: [up],
  rules: [
    {
      name: 'MaasHaTestDown',
      severity: 'critical',
      metric: up,
      when: { equal: 0 },
      for: seconds(0),
      summary: '{node} is down',
    },
  ],
  run: async () => [],
});

const good = observe(up, 1, { node: 'rc1' });
const bad = observe(up, 0, { node: 'rc2' });
const blind = gap('rc2', new CheckFailure('auth', 'password refused'));
const optional = skip('icmp', 'no_privilege', 'no raw socket');

describe('summarise', () => {
  test.each([
    ['all well', [good], 'ok'],
    ['a finding', [good, bad], 'critical'],
    ['a gap beside health', [good, blind], 'unknown'],
    ['a finding beside a gap', [bad, blind], 'critical'],
    ['something skipped beside health', [good, optional], 'ok'],
    ['nothing but skipped', [optional], 'skipped'],
    ['evidence alone', [evidence('rc1', 'hello')], 'unknown'],
    ['nothing at all', [], 'unknown'],
  ])('%s comes to %s', (_, notes, state) => {
    expect(summarise(check, notes, []).state).toBe(state);
  });

  it('keeps the last memory', () => {
    expect(summarise(check, [good, remember(1), remember(2)], []).memory).toBe(2);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses the value %d', (value) => {
    expect(() => summarise(check, [observe(up, value, { node: 'rc1' })], [])).toThrow(
      expect.objectContaining({ code: 'internal' }),
    );
  });

  it('refuses a metric that the check does not declare', () => {
    const other = gauge({ name: 'maasha_other', help: 'Other.', labels: [] });
    expect(() => summarise(check, [observe(other, 1, {})], [])).toThrow(/does not declare/);
  });
});

test('the worst of nothing is skipped, and critical beats all', () => {
  expect(worst([])).toBe('skipped');
  expect(worst(['ok', 'critical', 'unknown', 'warning'])).toBe('critical');
  expect(worst(['ok', 'unknown', 'warning'])).toBe('warning');
  expect(worst(['ok', 'unknown', 'skipped'])).toBe('unknown');
});
