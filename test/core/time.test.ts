import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { formatDuration, parseDuration, seconds } from '../../src/core/time.ts';

describe('parseDuration', () => {
  test.each([
    ['500ms', 0.5],
    ['10s', 10],
    ['1.5s', 1.5],
    ['5m', 300],
    ['2h', 7200],
    ['1d', 86_400],
  ])('reads %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test.each(['', '10', 's', '10 s', '-1s', '1e3s', '10sec', '0x10s'])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('gives a number or nothing for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseDuration(text);
        expect(parsed === undefined || parsed >= 0).toBe(true);
      }),
    );
  });
});

test.each([
  [0, '0s'],
  [0.0004, '0ms'],
  [0.38, '380ms'],
  [12.5, '12.5s'],
  [250, '4m 10s'],
  [300, '5m'],
  [7500, '2h 5m'],
  [273_600, '3d 4h'],
  [-90, '-1m 30s'],
])('formatDuration says %s s as %s', (value, expected) => {
  expect(formatDuration(seconds(value))).toBe(expected);
});
