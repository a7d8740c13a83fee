import { expect, it } from 'vitest';
import { Latest } from '../../src/runtime/latest.ts';
import { result } from '../support/results.ts';

const finding = {
  rule: 'MaasHaTestTooHigh',
  severity: 'critical',
  labels: { node: 'rc1' },
  value: 99,
  summary: 'rc1 has 99',
} as const;

it('gives back the result that a new one replaces', () => {
  const latest = new Latest();
  const first = result('vip');
  expect(latest.put(first)).toBeUndefined();
  expect(latest.put(result('vip'))).toBe(first);
});

it('forgets a check that is not wanted any more, and what stood of it', () => {
  const latest = new Latest();
  latest.put(result('vip', [], { findings: [finding] }));
  latest.put(result('dns-serial', [], { findings: [finding] }));
  latest.keep(({ check }) => check === 'vip');
  expect(latest.all().map(({ check }) => check)).toEqual(['vip']);
  expect(latest.standing('vip', 'maas3')).toEqual([finding]);
  expect(latest.standing('dns-serial', 'maas3')).toEqual([]);
});
