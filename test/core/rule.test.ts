import { describe, expect, it, test } from 'vitest';
import { gauge, observe, observeState, stateset } from '../../src/core/metric.ts';
import { fillIn, holds, judge, type Rule } from '../../src/core/rule.ts';
import { seconds } from '../../src/core/time.ts';

const lag = gauge({ name: 'maasha_test_lag_seconds', help: 'Lag.', labels: ['standby'] });
const role = stateset({
  name: 'maasha_test_role',
  help: 'Role.',
  labels: ['node'],
  states: ['primary', 'standby'],
});

const lagging: Rule = {
  name: 'MaasHaTestLag',
  severity: 'warning',
  metric: lag,
  when: { above: 30 },
  clear: { below: 10 },
  for: seconds(60),
  summary: '{standby} is {value} s behind',
};

describe('judge', () => {
  it('finds a sample beyond the threshold and fills in its sentence', () => {
    expect(judge([lagging], [observe(lag, 45.678, { standby: 'rc2' })])).toEqual([
      {
        rule: 'MaasHaTestLag',
        severity: 'warning',
        labels: { standby: 'rc2' },
        value: 45.678,
        summary: 'rc2 is 45.7 s behind',
      },
    ]);
  });

  it('does not find a sample at the threshold', () => {
    expect(judge([lagging], [observe(lag, 30, { standby: 'rc2' })])).toEqual([]);
  });

  it('keeps a standing finding until the clear threshold is reached', () => {
    const standing = judge([lagging], [observe(lag, 45, { standby: 'rc2' })]);
    expect(judge([lagging], [observe(lag, 20, { standby: 'rc2' })], standing)).toHaveLength(1);
    expect(judge([lagging], [observe(lag, 9, { standby: 'rc2' })], standing)).toEqual([]);
  });

  it('does not let one standby’s standing finding hold another’s', () => {
    const standing = judge([lagging], [observe(lag, 45, { standby: 'rc2' })]);
    expect(judge([lagging], [observe(lag, 20, { standby: 'rc1' })], standing)).toEqual([]);
  });

  it('judges only the samples that `where` names', () => {
    const rule: Rule = {
      ...lagging,
      metric: role,
      where: { state: 'standby' },
      when: { equal: 1 },
    };
    const seen = observeState(role, 'primary', { node: 'rc1' });
    expect(judge([rule], seen)).toEqual([]);
    expect(judge([rule], observeState(role, 'standby', { node: 'rc1' }))).toHaveLength(1);
  });

  it('says nothing about what was not observed', () => {
    expect(judge([lagging], [])).toEqual([]);
  });
});

test.each([
  [{ above: 1 }, 2, true],
  [{ above: 1 }, 1, false],
  [{ below: 1 }, 0, true],
  [{ below: 1 }, 1, false],
  [{ equal: 0 }, 0, true],
  [{ equal: 0 }, 1, false],
])('%j holds for %d: %s', (condition, value, expected) => {
  expect(holds(condition, value)).toBe(expected);
});

test('a label that is missing stays visible in the sentence', () => {
  expect(fillIn('{node} and {zone}', { node: 'rc1' }, 1)).toBe('rc1 and {zone}');
});
