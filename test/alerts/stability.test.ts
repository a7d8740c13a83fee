import { expect, it, test } from 'vitest';
import { calm, changeShare, recurred, sampled } from '../../alerts/stability.ts';
import type { Stability } from '../../alerts/state.ts';
import { DEFAULT_TIMERS } from '../../alerts/timers.ts';
import { seconds } from '../../src/core/time.ts';

const INTERVAL = 10;

/** Flips every `period` samples; returns how many samples after the first flapping takes, if it does. */
function flapsAfter(period: number): number | undefined {
  let stability = calm(seconds(0));
  for (let index = 0; index < 200; index++) {
    const bad = Math.floor(index / period) % 2 === 1;
    const at = seconds(index * INTERVAL);
    stability = sampled(stability, bad, at, seconds(60), DEFAULT_TIMERS);
    if (stability.is === 'flapping') return index;
  }
  return undefined;
}

test.each([
  ['a change with every sample is flapping after four', 1, 4],
  ['a change with every sixth is flapping after 24', 6, 24],
  ['a change with every seventh is too slow to show in samples', 7, undefined],
])('%s', (_, period, expected) => {
  expect(flapsAfter(period)).toBe(expected);
});

test.each([
  ['no change', '0000', 0],
  ['one change, the newest', '01', 1.25 / 20],
  ['one change, the oldest of a full window', `1${'0'.repeat(20)}`, 0.75 / 20],
])('the share of %s', (_, samples, share) => {
  expect(changeShare(samples)).toBeCloseTo(share, 10);
});

const times = (
  what: 'relapses' | 'starts',
  count: number,
  every: number,
  from = calm(seconds(0)),
): Stability =>
  Array.from({ length: count }).reduce<Stability>(
    (stability, _, index) => recurred(stability, what, seconds(index * every), DEFAULT_TIMERS),
    from,
  );

test.each([
  ['three relapses in half an hour are not flapping', 'relapses', 3, 600, 'stable'],
  ['four relapses in half an hour are', 'relapses', 4, 600, 'flapping'],
  ['four relapses in two hours are not', 'relapses', 4, 2400, 'stable'],
  ['six episodes in a day are', 'starts', 6, 14_000, 'flapping'],
  ['six episodes in two days are not', 'starts', 6, 28_000, 'stable'],
] as const)('%s', (_, what, count, every, expected) => {
  expect(times(what, count, every).is).toBe(expected);
});

it('is calm only after its rest and without changes in the window', () => {
  let stability = times('relapses', 4, 10);
  stability = sampled(stability, true, seconds(30), seconds(60), DEFAULT_TIMERS);
  stability = sampled(stability, false, seconds(40), seconds(60), DEFAULT_TIMERS);
  const at: number[] = [];
  for (let time = 50; time <= 700; time += 10) {
    stability = sampled(stability, false, seconds(time), seconds(60), DEFAULT_TIMERS);
    if (stability.is === 'stable') at.push(time);
  }
  expect(at[0]).toBe(640);
});
