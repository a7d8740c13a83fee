/*
 * What `/metrics` said of the lab, kept: as a whole while all was well, and of each fault what was
 * different. A line `series value` is a sample, a line `-series` a series that is not there in the fault.
 */

/** Samples by series, the series as the text has it: `name{label="value"}`. */
export type Samples = ReadonlyMap<string, string>;

/** The line ends with the value: a label's value may have blanks in it. */
export const samplesIn = (text: string): Samples =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('-'))
      .map((line) => {
        const blank = line.lastIndexOf(' ');
        return [line.slice(0, blank), line.slice(blank + 1)] as const;
      }),
  );

/** How long things took and how often they were done: different at every look. */
const RESTLESS =
  /^(?:process_|nodejs_|maasha_check_(?:last_)?duration_|maasha_check_(?:runs|triggers)_total)/;

const written = (samples: Samples): string =>
  [...samples].map(([series, value]) => `${series} ${value}\n`).join('');

/** The text to keep of a time when all was well. */
export const wholeOf = (text: string): string => written(samplesIn(text));

/** The text to keep of a fault, beside that. */
export function differenceOf(healthy: Samples, text: string): string {
  const fault = samplesIn(text);
  const gone = [...healthy.keys()].filter((series) => !fault.has(series));
  const changed = [...fault].filter(
    ([series, value]) =>
      !healthy.has(series) || (!RESTLESS.test(series) && healthy.get(series) !== value),
  );
  return gone.map((series) => `-${series}\n`).join('') + written(new Map(changed));
}

/** The samples of a fault, from what was kept of it. */
export function inFault(healthy: Samples, difference: string): Samples {
  const samples = new Map(healthy);
  for (const line of difference.split('\n'))
    if (line.startsWith('-')) samples.delete(line.slice(1));
  for (const [series, value] of samplesIn(difference)) samples.set(series, value);
  return samples;
}

const MOMENT = /^\w+_timestamp_seconds\b/;
const HEARTBEAT = 'maasha_heartbeat_timestamp_seconds';

/** The regions that the samples of one recording become: the lab's own, and the monitor's. */
export const regionsOf = (name: string): readonly [string, string] => [name, `${name}-monitor`];

/**
 * The samples as if they were of now, and of regions of their own: what tells a moment is as long ago as it
 * was when it was recorded.
 */
export function served(samples: Samples, name: string, now: number): string {
  const [region, monitor] = regionsOf(name);
  const shift = now / 1000 - Number(samples.get(HEARTBEAT) ?? NaN);
  if (Number.isNaN(shift)) throw new Error(`what was recorded has no ${HEARTBEAT}`);
  return written(
    new Map(
      [...samples].map(([series, value]) => [
        series
          .replace('region="lab"', `region="${region}"`)
          .replace('region="monitor"', `region="${monitor}"`),
        MOMENT.test(series) ? String(Number(value) + shift) : value,
      ]),
    ),
  );
}
