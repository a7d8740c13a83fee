import { seconds, type Seconds } from '../src/core/time.ts';
import type { Age, Stability } from './state.ts';
import type { Timers } from './timers.ts';

/** Samples that the share of changes is taken over: Nagios' own number. */
export const WINDOW = 21;
const STARTS_AT = 0.2;
const STOPS_AT = 0.05;

export const calm = (at: Age): Stability => ({
  is: 'stable',
  samples: '',
  changedAt: at,
  relapses: [],
  starts: [],
});

/**
 * The share of changes among the newest samples, 0 to 1 and more; a change counts 0.75 when it is the
 * oldest and 1.25 when it is the newest (Nagios, "Detection and handling of state flapping").
 */
export function changeShare(samples: string): number {
  const places = WINDOW - 1;
  const newest = samples.length - 1;
  let weight = 0;
  for (let index = 1; index <= newest; index++)
    if (samples[index] !== samples[index - 1])
      weight += 1.25 - (0.5 * (newest - index)) / (places - 1);
  return weight / places;
}

/** One more known sample. A change may start flapping; a long enough rest ends it. */
export function sampled(
  before: Stability,
  bad: boolean,
  at: Age,
  keepFor: Seconds,
  timers: Timers,
): Stability {
  const samples = (before.samples + (bad ? '1' : '0')).slice(-WINDOW);
  const changed = before.samples !== '' && before.samples.at(-1) !== samples.at(-1);
  const next: Stability = { ...before, samples, ...(changed && { changedAt: at }) };
  if (changed) return judged(next, at, timers);
  const rest = Math.max(3 * keepFor, timers.calmAfter);
  const isCalm = at - next.changedAt >= rest && changeShare(samples) < STOPS_AT;
  return isCalm ? { ...next, is: 'stable' } : next;
}

/** One more relapse within an episode, or one more episode: the flapping that is too slow for samples. */
export const recurred = (
  before: Stability,
  what: 'relapses' | 'starts',
  at: Age,
  timers: Timers,
): Stability => judged({ ...before, [what]: [...before[what], at] }, at, timers);

function judged(stability: Stability, at: Age, timers: Timers): Stability {
  const next = pruned(stability, at, timers);
  const flaps =
    changeShare(next.samples) >= STARTS_AT ||
    next.relapses.length >= timers.relapses.most ||
    next.starts.length >= timers.episodes.most;
  return flaps ? { ...next, is: 'flapping' } : next;
}

/** Without what is too long ago to count. */
export const pruned = (stability: Stability, at: Age, timers: Timers): Stability => ({
  ...stability,
  relapses: since(stability.relapses, at, timers.relapses.within),
  starts: since(stability.starts, at, timers.episodes.within),
});

const since = (moments: readonly Age[], at: Age, within: Seconds): readonly Age[] =>
  moments.filter((moment) => seconds(at - moment) <= within);
