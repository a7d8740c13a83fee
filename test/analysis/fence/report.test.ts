import { expect, it } from 'vitest';
import { readReport } from '../../../src/analysis/fence/report.ts';
import { instant } from '../../../src/core/time.ts';

const NOW = instant(1_795_430_000_000);
const ABOUT = { node: 'rc2', region: 'maas3' };
const OPEN = { metric: 'maasha_fence_open', labels: { node: 'rc2' }, value: 1 };

const report = (changes: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    check: 'fencing',
    region: 'maas3',
    startedAt: '2026-11-23T09:33:00.000Z',
    observations: [OPEN],
    ...changes,
  });
const read = (text: string, at?: number) =>
  readReport({ text, ...(at !== undefined && { at }) }, ABOUT, NOW);

it.each([
  ['open', {}],
  ['closed', { observations: [{ ...OPEN, value: 0 }] }],
  ['active', { observations: [], inapplicable: [OPEN] }],
  [undefined, { observations: [], gaps: [{ message: 'pgpool starts up' }] }],
])('says %s', (fence, changes) => {
  expect(read(report(changes), NOW / 1000 - 7)).toMatchObject({ age: 7, fence });
});

it('says why it could not tell', () => {
  const changes = { observations: [], gaps: [{ message: 'pgpool starts up' }] };
  expect(read(report(changes), NOW / 1000).says).toBe('pgpool starts up');
});

it('is as old as what it stands in, else as it says itself', () => {
  expect(read(report(), NOW / 1000 - 90).age).toBe(90);
  const made = new Date(NOW - 30_000).toISOString();
  expect(read(report({ startedAt: made })).age).toBe(30);
});

it.each([
  ['no JSON', 'rc2 is fine'],
  ['another check', report({ check: 'vip' })],
  ['no moment', report({ startedAt: 'yesterday' })],
  ['no observations', report({ observations: 'none' })],
])('is no report: %s', (_, text) => {
  expect(() => read(text, NOW / 1000)).toThrow(/no report of `maasha check fencing --emit`/);
});

it.each([
  ['another region', report({ region: 'maas4' })],
  ['another node', report({ observations: [{ ...OPEN, labels: { node: 'rc1' } }] })],
])('is refused when it is about %s', (_, text) => {
  expect(() => read(text, NOW / 1000)).toThrow(/was to be about rc2 of maas3/);
});

it('is refused when it comes from the future, but for what clocks may differ', () => {
  expect(read(report(), NOW / 1000 + 30).age).toBe(0);
  expect(() => read(report(), NOW / 1000 + 90)).toThrow(/a clock is wrong/);
});
