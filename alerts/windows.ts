import {
  between,
  instant,
  parseDuration,
  seconds,
  type Instant,
  type Seconds,
} from '../src/core/time.ts';
import type { Labels } from './identity.ts';
import { civil, isZone, momentOf, reading, readingAt, type Reading } from './zone.ts';

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];

/** What a maintenance window hides. */
interface Scope {
  /** One a configuration. */
  readonly name: string;
  /** Absent: every region. */
  readonly region?: string;
  /** Absent: every rule, except those that are never hidden without being named. */
  readonly rules?: readonly string[];
  /** An alert must have all of these. */
  readonly labels?: Labels;
  /** IANA name of the zone in which its times are meant. Absent: UTC. */
  readonly zone?: string;
}

/** From one local date and time to another: `2026-11-24 22:00`. */
export interface Once extends Scope {
  readonly from: string;
  readonly to: string;
}

/** On these days of every week, from a local time on, for as long as a stopwatch shows. */
export interface Weekly extends Scope {
  readonly weekly: {
    readonly on: readonly Day[];
    /** `02:00` */
    readonly at: string;
    /** `2h`; a week at most. */
    readonly for: string;
  };
}

/**
 * A time in which maintenance is planned, as it is configured.
 *
 * On the days on which the clocks are set, a local time means what `momentOf` says: one that does not
 * exist is the moment of the change, one that exists twice is its first time. The length of a weekly
 * window is never made shorter or longer: 02:30 for 2 h on the day without a 02:30 is 03:00 to 05:00.
 */
export type Window = Once | Weekly;

/** From a moment up to, and without, another. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** `2026-11-24 22:00`; undefined for what is no date and time. */
function parseReading(text: string): Reading | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d:\d\d)$/.exec(text);
  const time = parseTime(found?.[4] ?? '');
  if (found === null || time === undefined) return undefined;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const date = civil(year, month, day);
  // 31 November would count on into December.
  const isReal = month >= 1 && month <= 12 && day >= 1 && date < civil(year, month + 1, 1);
  return isReal ? reading(date + time) : undefined;
}

/** `02:30`, as milliseconds since midnight; undefined for what is no time of day. */
function parseTime(text: string): number | undefined {
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return found === null ? undefined : (Number(found[1]) * 60 + Number(found[2])) * MINUTE;
}

/**
 * The time in which a window is in force that `now` lies in; of several the one that ends last. A
 * window that is wrong in itself (`timeProblems`) is never in force.
 */
export const spanAt = (window: Window, now: Instant): Span | undefined =>
  spansAround(window, now, 1)
    .filter(({ from, to }) => from <= now && now < to)
    .sort((a, b) => b.to - a.to)[0];

/** Whether maintenance is planned for this moment. */
export const inForce = (window: Window, now: Instant): boolean => spanAt(window, now) !== undefined;

/** The present time in force, else the next one; undefined when it is over for good. */
export const nextSpan = (window: Window, now: Instant): Span | undefined =>
  spanAt(window, now) ??
  spansAround(window, now, 9)
    .filter(({ from }) => from > now)
    .sort((a, b) => a.from - b.from)[0];

/** What is wrong with the times of a window in a zone that is known, each as a sentence. */
export const timeProblems = (window: Window): readonly string[] =>
  'weekly' in window ? weeklyProblems(window) : onceProblems(window);

function onceProblems(window: Once): readonly string[] {
  const wrong = [window.from, window.to].filter((text) => parseReading(text) === undefined);
  if (wrong.length > 0)
    return wrong.map((text) => `"${text}" is no date and time: write 2026-11-24 22:00`);
  return longestOf(window) > 0
    ? []
    : [`from "${window.from}" to "${window.to}" is no time at all in ${window.zone ?? 'UTC'}`];
}

function weeklyProblems({ weekly: { on, at, for: length } }: Weekly): readonly string[] {
  const long = parseDuration(length);
  return [
    ...(on.length === 0 ? [`on no day: write one or more of ${DAYS.join(', ')}`] : []),
    ...on
      .filter((day) => !DAYS.includes(day))
      .map((day) => `"${day}" is none of ${DAYS.join(', ')}`),
    ...(parseTime(at) === undefined ? [`"${at}" is no time of day: write 02:00`] : []),
    ...(long === undefined || long <= 0 || long > WEEK
      ? [`"${length}" is no length up to 7d: write 90m or 2h`]
      : []),
  ];
}

const WEEK = 7 * 86_400;

/** How long it is in force at a time; 0 for one whose times are wrong. */
export function longestOf(window: Window): Seconds {
  if ('weekly' in window) return parseDuration(window.weekly.for) ?? seconds(0);
  const [from, to] = [parseReading(window.from), parseReading(window.to)];
  if (from === undefined || to === undefined) return seconds(0);
  const { zone = 'UTC' } = window;
  return between(momentOf(zone, from), momentOf(zone, to));
}

/** All times in force that may go on now or begin within so many days. */
function spansAround(window: Window, now: Instant, days: number): readonly Span[] {
  const { zone = 'UTC' } = window;
  if (!isZone(zone)) return [];
  if ('from' in window) {
    const [from, to] = [parseReading(window.from), parseReading(window.to)];
    if (from === undefined || to === undefined) return [];
    return [{ from: momentOf(zone, from), to: momentOf(zone, to) }];
  }
  const at = parseTime(window.weekly.at);
  const length = parseDuration(window.weekly.for);
  if (at === undefined || length === undefined) return [];
  const shown = readingAt(zone, now);
  // A day more than enough: what the clock shows and what has passed may differ by one.
  const [first, last] = [shown - length * 1000 - DAY, shown + days * DAY];
  return midnights(first, last)
    .filter((midnight) => window.weekly.on.some((day) => DAYS.indexOf(day) === dayOf(midnight)))
    .map((midnight) => midnight + at)
    .filter((start) => first <= start && start <= last)
    .map((start) => {
      const from = momentOf(zone, reading(start));
      return { from, to: instant(from + length * 1000) };
    });
}

/** The beginnings of all days from that of the first reading to that of the last. */
function midnights(first: number, last: number): readonly number[] {
  const begin = Math.floor(first / DAY);
  const count = Math.floor(last / DAY) - begin + 1;
  return Array.from({ length: count }, (_, index) => (begin + index) * DAY);
}

/** From 0, a Sunday. 1970-01-01 was a Thursday. */
const dayOf = (midnight: number): number => (((midnight / DAY + 4) % 7) + 7) % 7;
