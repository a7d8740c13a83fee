import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { inForce, nextSpan, spanAt, timeProblems, type Window } from '../../alerts/windows.ts';
import { momentOf, reading, readingAt } from '../../alerts/zone.ts';
import { instant, isoTime, type Instant } from '../../src/core/time.ts';

const BERLIN = 'Europe/Berlin';
const YORK = 'America/New_York';
const HOWE = 'Australia/Lord_Howe';

const at = (iso: string): Instant => instant(Date.parse(iso));
/** A local date and time as a reading of the clock. */
const shows = (local: string) => reading(Date.parse(`${local}Z`));
const minutes = (moment: Instant): string => isoTime(moment).slice(0, 16) + 'Z';

describe('a local time', () => {
  test.each([
    [BERLIN, '2026-07-01T02:30', '2026-07-01T00:30Z', 'in summer'],
    [BERLIN, '2026-12-01T02:30', '2026-12-01T01:30Z', 'in winter'],
    [BERLIN, '2026-03-29T01:59', '2026-03-29T00:59Z', 'before the clock is set forward'],
    [BERLIN, '2026-03-29T02:30', '2026-03-29T01:00Z', 'that does not exist: the change'],
    [BERLIN, '2026-03-29T03:00', '2026-03-29T01:00Z', 'when the clock has been set forward'],
    [BERLIN, '2026-10-25T02:30', '2026-10-25T00:30Z', 'that exists twice: the first time'],
    [BERLIN, '2026-10-25T03:00', '2026-10-25T02:00Z', 'after the clock was set back'],
    [YORK, '2026-03-08T02:30', '2026-03-08T07:00Z', 'that does not exist: the change'],
    [YORK, '2026-11-01T01:30', '2026-11-01T05:30Z', 'that exists twice: the first time'],
    [YORK, '2026-11-01T02:00', '2026-11-01T07:00Z', 'after the clock was set back'],
    [HOWE, '2026-10-04T02:15', '2026-10-03T15:30Z', 'that does not exist: the change'],
    [HOWE, '2026-10-04T02:30', '2026-10-03T15:30Z', 'when the clock is half an hour ahead'],
    [HOWE, '2026-04-05T01:45', '2026-04-04T14:45Z', 'that exists twice: the first time'],
    [HOWE, '2026-04-05T02:00', '2026-04-04T15:30Z', 'after the clock was set back half an hour'],
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00Z', 'on a day that was left out'],
    ['Pacific/Kiritimati', '2026-01-01T00:00', '2025-12-31T10:00Z', 'farthest in the east'],
    ['Etc/GMT+12', '2026-01-01T00:00', '2026-01-01T12:00Z', 'farthest in the west'],
    ['UTC', '2026-03-29T02:30', '2026-03-29T02:30Z', 'where nothing is ever set'],
  ])('in %s, %s is %s: %s', (zone, local, moment) => {
    expect(minutes(momentOf(zone, shows(local)))).toBe(moment);
  });

  it('is never later than one that comes after it, and is what the clock shows if it is at all', () => {
    const zones = fc.constantFrom(BERLIN, YORK, HOWE, 'Pacific/Apia', 'Africa/Casablanca', 'UTC');
    const local = fc
      .integer({ min: shows('2009-01-01T00:00'), max: shows('2031-01-01T00:00') })
      .map(reading);
    fc.assert(
      fc.property(zones, local, fc.nat(7_200_000), (zone, early, later) => {
        const moment = momentOf(zone, early);
        expect(momentOf(zone, reading(early + later))).toBeGreaterThanOrEqual(moment);
        expect(readingAt(zone, moment)).toBeGreaterThanOrEqual(early);
        expect(readingAt(zone, instant(moment - 1))).toBeLessThan(early);
      }),
      { numRuns: 300 },
    );
  });
});

const sundays = (zone: string, time: string, length: string): Window => ({
  name: 'sunday',
  zone,
  weekly: { on: ['sun'], at: time, for: length },
});

describe('a weekly window', () => {
  test.each([
    ['an ordinary day', sundays(BERLIN, '02:30', '2h'), '2026-07-05T00:30Z', '2026-07-05T02:30Z'],
    [
      'the day without its time',
      sundays(BERLIN, '02:30', '2h'),
      '2026-03-29T01:00Z',
      '2026-03-29T03:00Z',
    ],
    [
      'the day with its time twice',
      sundays(BERLIN, '02:30', '2h'),
      '2026-10-25T00:30Z',
      '2026-10-25T02:30Z',
    ],
    [
      'the day without its time',
      sundays(YORK, '02:30', '2h'),
      '2026-03-08T07:00Z',
      '2026-03-08T09:00Z',
    ],
    [
      'the day with its time twice',
      sundays(YORK, '01:30', '2h'),
      '2026-11-01T05:30Z',
      '2026-11-01T07:30Z',
    ],
    [
      'the day without its time',
      sundays(HOWE, '02:15', '1h'),
      '2026-10-03T15:30Z',
      '2026-10-03T16:30Z',
    ],
    [
      'the day with its time twice',
      sundays(HOWE, '01:45', '1h'),
      '2026-04-04T14:45Z',
      '2026-04-04T15:45Z',
    ],
    [
      'a day of 25 hours',
      sundays(BERLIN, '00:00', '24h'),
      '2026-10-24T22:00Z',
      '2026-10-25T22:00Z',
    ],
    [
      'the night to a Monday',
      sundays(YORK, '23:00', '3h'),
      '2026-07-06T03:00Z',
      '2026-07-06T06:00Z',
    ],
  ])('on %s: %o is from %s to %s', (_, window, from, to) => {
    const found = spanAt(window, at(from));
    expect(found && [minutes(found.from), minutes(found.to)]).toEqual([from, to]);
    expect(inForce(window, instant(at(from) - 1))).toBe(false);
    expect(inForce(window, instant(at(to) - 1))).toBe(true);
    expect(inForce(window, at(to))).toBe(false);
  });

  it('says when it comes next, a week ahead if need be', () => {
    const window = sundays(BERLIN, '02:00', '2h');
    const next = nextSpan(window, at('2026-11-22T03:00Z'));
    expect(next && minutes(next.from)).toBe('2026-11-29T01:00Z');
    expect(nextSpan(window, at('2026-11-29T02:00Z'))).toEqual(next);
  });

  it('of a week is always in force', () => {
    const window = sundays(BERLIN, '02:00', '7d');
    for (let hour = 0; hour < 24 * 8; hour++)
      expect(inForce(window, instant(at('2026-11-20T00:00Z') + hour * 3_600_000))).toBe(true);
  });
});

describe('a window from one time to another', () => {
  const once = (from: string, to: string, zone = BERLIN): Window => ({ name: 'x', from, to, zone });

  test.each([
    ['2026-11-24 22:00', '2026-11-25 02:00', '2026-11-24T21:00Z', '2026-11-25T01:00Z'],
    ['2026-03-28 22:00', '2026-03-29 02:30', '2026-03-28T21:00Z', '2026-03-29T01:00Z'],
    ['2026-10-24 22:00', '2026-10-25 02:30', '2026-10-24T20:00Z', '2026-10-25T00:30Z'],
  ])('%s to %s in Berlin is %s to %s', (from, to, begin, end) => {
    expect(nextSpan(once(from, to), at('2026-01-01T00:00Z'))).toEqual({
      from: at(begin),
      to: at(end),
    });
  });

  it('is over for good afterwards', () => {
    const window = once('2026-11-24 22:00', '2026-11-25 02:00');
    expect(nextSpan(window, at('2026-11-25T01:00Z'))).toBeUndefined();
  });

  it('is in UTC when no zone is named', () => {
    const window: Window = { name: 'x', from: '2026-11-24 22:00', to: '2026-11-24 23:00' };
    expect(inForce(window, at('2026-11-24T22:00Z'))).toBe(true);
  });

  test.each([
    [
      'no dates',
      once('tomorrow', '2026-02-30 10:00'),
      [
        '"tomorrow" is no date and time: write 2026-11-24 22:00',
        '"2026-02-30 10:00" is no date and time: write 2026-11-24 22:00',
      ],
    ],
    [
      'an end before its begin',
      once('2026-11-24 22:00', '2026-11-24 21:00'),
      ['from "2026-11-24 22:00" to "2026-11-24 21:00" is no time at all in Europe/Berlin'],
    ],
    [
      'a time that is left out',
      once('2026-03-29 02:10', '2026-03-29 02:50'),
      ['from "2026-03-29 02:10" to "2026-03-29 02:50" is no time at all in Europe/Berlin'],
    ],
    [
      'no day, no time and no length',
      { name: 'x', weekly: { on: [], at: '24:00', for: '8d' } } satisfies Window,
      [
        'on no day: write one or more of sun, mon, tue, wed, thu, fri, sat',
        '"24:00" is no time of day: write 02:00',
        '"8d" is no length up to 7d: write 90m or 2h',
      ],
    ],
  ])('with %s is refused, and never in force', (_, window, problems) => {
    expect(timeProblems(window)).toEqual(problems);
    expect(inForce(window, at('2026-03-29T01:00Z'))).toBe(false);
  });

  it('in a zone that nobody knows is never in force', () => {
    const window = once('2026-11-24 22:00', '2026-11-25 02:00', 'Europe/Atlantis');
    expect(inForce(window, at('2026-11-24T22:30Z'))).toBe(false);
  });
});
