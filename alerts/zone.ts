import { instant, type Instant } from '../src/core/time.ts';

/**
 * What a clock on a wall shows: milliseconds since 1970-01-01 00:00 *there*, as if that place had no
 * offset and never changed it.
 */
export type Reading = number & { readonly unit: 'local-milliseconds' };

export const reading = (milliseconds: number): Reading => milliseconds as Reading;

const HOUR = 3_600_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}

/** Whether this machine knows the zone by that IANA name. */
export function isZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What the clock of a zone shows at a moment. @throws RangeError for an unknown zone. */
export function readingAt(zone: string, moment: Instant): Reading {
  const whole = Math.floor(moment / 1000) * 1000;
  const found: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(zone).formatToParts(whole)) found[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found;
  return reading(
    civil(year, month, day) + (hour * 60 + minute) * 60_000 + second * 1000 + (moment - whole),
  );
}

/** Midnight of a day of the Gregorian calendar. A day or month beyond the last one counts on. */
export const civil = (year: number, month: number, day: number): Reading =>
  // eslint-disable-next-line no-restricted-globals -- only counts the days to a date it is given
  reading(Date.UTC(year, month - 1, day));

const offsetAt = (zone: string, moment: Instant): number => readingAt(zone, moment) - moment;

/**
 * The first moment at which the clock of the zone shows this reading, or has passed it.
 *
 * A reading that the clock shows twice (it is set back) means the first time. One that it never shows
 * (it is set forward) means the moment of that change. So for every reading there is exactly one
 * moment, and of two readings the later one never comes first.
 */
export function momentOf(zone: string, wanted: Reading): Instant {
  // Zones are at most 14 hours ahead of UTC and 12 behind, and do not change twice in two days.
  const before = offsetAt(zone, instant(wanted - 15 * HOUR));
  const after = offsetAt(zone, instant(wanted + 13 * HOUR));
  const exact = [wanted - before, wanted - after]
    .map(instant)
    .filter((moment) => readingAt(zone, moment) === wanted);
  return exact.length > 0
    ? instant(Math.min(...exact))
    : changeBetween(zone, wanted, wanted - after, wanted - before);
}

/** When the clock of the zone jumps over the reading, which happens between these two moments. */
function changeBetween(zone: string, over: Reading, early: number, late: number): Instant {
  let [low, high] = [early, late];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (readingAt(zone, instant(middle)) < over) low = middle;
    else high = middle;
  }
  return instant(high);
}
