import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DAYS, inForce, type Window } from '../../alerts/windows.ts';
import { instant, type Instant } from '../../src/core/time.ts';

const BERLIN = 'Europe/Berlin';
const YORK = 'America/New_York';
const HOWE = 'Australia/Lord_Howe';

const at = (iso: string): Instant => instant(Date.parse(iso));
const MINUTE = 60_000;

/**
 * The same by brute force: minute by minute along what the clock there shows, until its time is shown
 * or passed for the first time, and then as long as a stopwatch runs.
 */
function isInForceByMinutes(
  zone: string,
  days: readonly string[],
  time: string,
  length: number,
  now: number,
): boolean {
  const format = new Intl.DateTimeFormat('sv', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  const start = Math.floor(now / MINUTE) * MINUTE - length - 2 * 1440 * MINUTE;
  let furthest = format.format(start);
  for (let minute = start; minute <= now; minute += MINUTE) {
    const shown = format.format(minute);
    if (shown <= furthest) continue;
    // A jump may pass the time of one day and show the next day already.
    for (const day of new Set([furthest.slice(0, 10), shown.slice(0, 10)])) {
      const wanted = `${day} ${time}`;
      const weekday = DAYS[new Date(`${day}T00:00Z`).getUTCDay()] ?? '';
      if (furthest < wanted && wanted <= shown && days.includes(weekday) && now < minute + length)
        return true;
    }
    furthest = shown;
  }
  return false;
}

/** The moments at which the clocks of the three zones are set, in 2026. */
const CHANGES = [
  [BERLIN, '2026-03-29T01:00Z'],
  [BERLIN, '2026-10-25T01:00Z'],
  [YORK, '2026-03-08T07:00Z'],
  [YORK, '2026-11-01T06:00Z'],
  [HOWE, '2026-04-04T15:00Z'],
  [HOWE, '2026-10-03T15:30Z'],
] as const;

it(
  'is in force in the same minutes as by brute force, around every change of the clocks',
  { timeout: 60_000 },
  () => {
    const two = (value: number) => String(value).padStart(2, '0');
    const times = fc
      .tuple(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 23 })), fc.nat(59))
      .map(([hour, minute]) => `${two(hour)}:${two(minute)}`);
    const days = fc
      .subarray([...DAYS], { minLength: 1 })
      .chain((some) => fc.constantFrom(some, ['sun' as const]));
    const window = fc.record({ on: days, at: times, length: fc.integer({ min: 1, max: 26 * 60 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...CHANGES),
        window,
        fc.array(fc.integer({ min: -1800, max: 1800 }), { minLength: 1, maxLength: 3 }),
        ([zone, change], { on, at: time, length }, offsets) => {
          const weekly: Window = { name: 'w', zone, weekly: { on, at: time, for: `${length}m` } };
          for (const offset of offsets) {
            const now = instant(at(change) + offset * MINUTE);
            expect(inForce(weekly, now)).toBe(
              isInForceByMinutes(zone, on, time, length * MINUTE, now),
            );
          }
        },
      ),
      { numRuns: 150 },
    );
  },
);

it('from one time to another is in force exactly while the clock is between them for the first time', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CHANGES),
      fc.integer({ min: -600, max: 600 }),
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: -900, max: 900 }),
      ([zone, change], begin, length, offset) => {
        const local = (minute: number) =>
          new Date(Date.parse(change) + minute * MINUTE)
            .toISOString()
            .slice(0, 16)
            .replace('T', ' ');
        const window: Window = { name: 'o', zone, from: local(begin), to: local(begin + length) };
        const first = (wanted: string): number => {
          const format = new Intl.DateTimeFormat('sv', {
            timeZone: zone,
            dateStyle: 'short',
            timeStyle: 'short',
          });
          let minute = at(change) - 40 * 60 * MINUTE;
          while (format.format(minute) < wanted) minute += MINUTE;
          return minute;
        };
        const now = instant(at(change) + offset * MINUTE);
        expect(inForce(window, now)).toBe(first(window.from) <= now && now < first(window.to));
      },
    ),
    { numRuns: 100 },
  );
});
