import { expect, test } from 'vitest';
import { toCron } from '../../src/core/schedule.ts';

test.each([
  ['1s', '*/1 * * * * *'],
  ['15s', '*/15 * * * * *'],
  ['1m', '0 */1 * * * *'],
  ['5m', '0 */5 * * * *'],
  ['1h', '0 0 */1 * * *'],
  ['6h', '0 0 */6 * * *'],
  ['1d', '0 0 0 * * *'],
])('%s is planned as %s', (every, cron) => {
  expect(toCron(every)).toBe(cron);
});

test.each(['7s', '90s', '7m', '5h', '500ms', '2d'])('%s does not divide evenly', (every) => {
  expect(toCron(every)).toBeUndefined();
});

test('any other text is left to be judged as a cron expression', () => {
  expect(toCron('0 3 * * *')).toBe('0 3 * * *');
});
