/** A length of time in seconds; fractions allowed. */
export type Seconds = number & { readonly unit: 'seconds' };

/** A moment: milliseconds since the Unix epoch; fractions allowed. */
export type Instant = number & { readonly unit: 'epoch-milliseconds' };

export const seconds = (value: number): Seconds => value as Seconds;
export const instant = (epochMilliseconds: number): Instant => epochMilliseconds as Instant;

/** From one moment to another; negative when `to` is the earlier one. */
export const between = (from: Instant, to: Instant): Seconds => seconds((to - from) / 1000);

/** The only way to learn the time or to wait, so that a test can decide both. */
export interface Clock {
  /** Wall-clock time, for people and for timestamps on the wire. May jump when the host's clock is set. */
  now(): Instant;
  /** Epoch-like time that never goes back and never jumps while the process lives: for every duration. */
  steady(): Instant;
  /** Calls `action` once after `delay`; the returned function cancels it. */
  after(delay: Seconds, action: () => void): () => void;
}

const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Reads `500ms`, `30s`, `5m`, `1h` or `2d`; `undefined` when the text is none of these. */
export function parseDuration(text: string): Seconds | undefined {
  const found = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (found === null) return undefined;
  return seconds(Number(found[1]) * UNITS[found[2] as keyof typeof UNITS]);
}

/** A duration as a person says it: `380ms`, `12.5s`, `4m 10s`, `2h 5m`, `3d 4h`. */
export function formatDuration(duration: Seconds): string {
  const whole = Math.round(Math.abs(duration));
  if (duration === 0) return '0s';
  if (Math.abs(duration) < 1) return `${Math.round(duration * 1000)}ms`;
  if (whole < 60) return `${Number(duration.toFixed(1))}s`;
  const parts: readonly [number, string, number, string] =
    whole < 3600
      ? [Math.floor(whole / 60), 'm', whole % 60, 's']
      : whole < 86_400
        ? [Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'm']
        : [Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h'];
  const sign = duration < 0 ? '-' : '';
  return parts[2] === 0
    ? `${sign}${parts[0]}${parts[1]}`
    : `${sign}${parts[0]}${parts[1]} ${parts[2]}${parts[3]}`;
}

/** A moment in ISO 8601, UTC: for machines and logs. */
// eslint-disable-next-line no-restricted-globals -- only formats the moment it is given
export const isoTime = (moment: Instant): string => new Date(moment).toISOString();
