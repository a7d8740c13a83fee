import { expect, it, test } from 'vitest';
import { catalogueOf } from '../../alerts/catalogue.ts';
import {
  DEFAULT_TIMERS,
  longestGap,
  staleAfter,
  timerProblems,
  type Patience,
  type Timers,
} from '../../alerts/timers.ts';
import { seconds } from '../../src/core/time.ts';

const withCritical = (changes: Partial<Patience>): Timers => ({
  ...DEFAULT_TIMERS,
  patience: {
    ...DEFAULT_TIMERS.patience,
    critical: { ...DEFAULT_TIMERS.patience.critical, ...changes },
  },
});

it('finds nothing wrong with the defaults', () => {
  expect(timerProblems(DEFAULT_TIMERS)).toEqual([]);
});

test.each([
  [{ reopenWindow: seconds(30) }, 'critical: reopenWindow 30s is shorter than keepFor 1m'],
  [{ minSamples: 0 }, 'critical: minSamples and minOk must be whole numbers of at least 1'],
  [{ keepFor: seconds(-1) }, 'critical: a time is negative or no number'],
  [{ holdAtMost: seconds(1) }, 'critical: holdAtMost is shorter than holdMargin'],
])('refuses %o', (changes, problem) => {
  expect(timerProblems(withCritical(changes))).toEqual([problem]);
  expect(() => catalogueOf([], withCritical(changes))).toThrow(problem);
});

it('knows how far apart samples may be, and when knowledge is old', () => {
  const pace = { interval: seconds(10), timeout: seconds(4) };
  expect(longestGap(pace)).toBe(24);
  expect(staleAfter(pace)).toBe(44);
});
