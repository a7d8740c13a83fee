import { expect, it, test } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { Bus } from '../../src/runtime/bus.ts';
import { longestInterval, Schedule, scheduleProblem } from '../../src/runtime/schedule.ts';
import { systemClock } from '../../src/io/clock.ts';
import { testCheck } from '../support/checks.ts';
import { deferred } from '../support/deferred.ts';
import { region } from '../support/region.ts';

test.each([
  ['10s', 10],
  ['5m', 300],
  ['0 0 3 * * *', 86_400],
  ['0 0,10 * * * *', 3000],
])('the longest wait of %s is %d s', (every, expected) => {
  expect(longestInterval(every)).toBe(expected);
});

test.each(['10s', '1h', '0 3 * * *', '*/5 * * * * *'])('%s can be planned', (every) => {
  expect(scheduleProblem(every)).toBeUndefined();
});

test.each(['7s', 'often', '61 * * * * *', '0 0 31 2 *', '* * * * * * *'])(
  '%s cannot be planned',
  (every) => {
    expect(scheduleProblem(every)).toContain('a duration that divides');
  },
);

it('asks for a run of every planned check but the derived ones, and stops when told', async () => {
  const bus = new Bus(() => {});
  const both = deferred();
  const asked = new Set<string>();
  bus.on('check.requested', ({ check, trigger }) => {
    expect(trigger).toBe('cron');
    asked.add(check.name);
    if (asked.size === 2) both.resolve();
  });
  const planned = ['one', 'two']
    .map((name) => testCheck({ name, every: '1s', timeout: seconds(1) }))
    .concat(testCheck({ name: 'derived', every: '1s', needs: ['one'] }))
    .map((check) => ({ check, region: region() }));
  const schedule = new Schedule(planned, bus, systemClock);
  await both.promise;
  await schedule.stop();
  expect([...asked].sort()).toEqual(['one', 'two']);
});
