import type { Check } from '../core/check.ts';
import type { Metric } from '../core/metric.ts';
import { seconds, type Seconds } from '../core/time.ts';
import { longestInterval } from '../runtime/schedule.ts';

/* The parts of PromQL that everything generated shares. */

/** A text as a PromQL (and Go) string. */
export const quote = (text: string): string => JSON.stringify(text);

/** `name{label="value",…}`; without labels just the name. */
export function selector(
  metric: Pick<Metric, 'name'> | string,
  labels: Readonly<Record<string, string>> = {},
): string {
  const name = typeof metric === 'string' ? metric : metric.name;
  const matchers = Object.entries(labels).map(([label, value]) => `${label}=${quote(value)}`);
  return matchers.length === 0 ? name : `${name}{${matchers.join(',')}}`;
}

/** A duration as Prometheus writes it: one unit, the largest that it is whole in. */
export function promDuration(duration: Seconds): string {
  const whole = Math.ceil(duration);
  if (whole % 3600 === 0 && whole > 0) return `${whole / 3600}h`;
  return whole % 60 === 0 && whole > 0 ? `${whole / 60}m` : `${whole}s`;
}

/** How often Prometheus is advised to scrape the service, and to evaluate the rules. */
export const SCRAPE_INTERVAL = seconds(15);

/** Every schedule is asked once: node-cron takes milliseconds to plan its next runs. */
const asked = new Map<string, Seconds>();

/** How often a check's samples come: by its schedule, or with each scrape where that is slower. */
export function intervalOf({ every }: Pick<Check, 'every'>): Seconds {
  const known = asked.get(every) ?? longestInterval(every);
  asked.set(every, known);
  return seconds(Math.max(SCRAPE_INTERVAL, known));
}

/**
 * How far back a check's samples are looked for: one of them may be missing, two not. What a range selects
 * passes over the staleness marker that a failed scrape leaves, which an instant does not.
 */
export const windowOf = (check: Pick<Check, 'every'>): Seconds =>
  seconds(2 * intervalOf(check) + SCRAPE_INTERVAL);
