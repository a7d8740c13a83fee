import type { Seconds } from '../../core/time.ts';

/** MAAS refreshes every 60 s: twice that, and whoever wrote the row does so no more. */
export const FRESH = 120;

/**
 * Whether who wrote a row still does so. On the primary the row's age says it. On a standby the primary may
 * have a row that is newer by at most `lag`: an age within `FRESH` is young all the same, one that exceeds it by
 * more than the lag is old, and anything between is not known.
 */
export function isFresh(age: number, lag: Seconds): boolean | undefined {
  if (age <= FRESH) return true;
  return age - lag > FRESH ? false : undefined;
}

/** True as soon as one is, unknown when one might be. */
export function anyFresh(ages: readonly number[], lag: Seconds): boolean | undefined {
  const judged = ages.map((age) => isFresh(age, lag));
  if (judged.includes(true)) return true;
  // A standby that is behind by more than that cannot say of rows it lacks that there are none.
  const blind = judged.includes(undefined) || (ages.length === 0 && lag > FRESH);
  return blind ? undefined : false;
}
