import { parseDuration } from './time.ts';

const STEPS = [
  { unit: 1, limit: 60, cron: (n: number) => `*/${n} * * * * *` },
  { unit: 60, limit: 60, cron: (n: number) => `0 */${n} * * * *` },
  { unit: 3600, limit: 24, cron: (n: number) => `0 0 */${n} * * *` },
] as const;

/**
 * A schedule as a cron expression with seconds. Takes a duration that divides a minute, an hour or a
 * day evenly, so that "every 15s" is true across the full minute as well; other text is returned as
 * it is, to be judged as a cron expression.
 *
 * @returns undefined for a duration that does not divide evenly.
 */
export function toCron(every: string): string | undefined {
  const duration = parseDuration(every);
  if (duration === undefined) return every;
  for (const { unit, limit, cron } of STEPS) {
    const count = duration / unit;
    if (Number.isInteger(count) && count >= 1 && count < limit)
      return limit % count === 0 ? cron(count) : undefined;
  }
  return duration === 86_400 ? '0 0 0 * * *' : undefined;
}
