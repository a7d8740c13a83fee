import { between, instant, seconds, type Instant, type Seconds } from '../../core/time.ts';
import type { WalHistory } from '../replication/lag.ts';

/** The pace of the last minutes and that of the last hour: the faster one counts. */
const WINDOWS: readonly Seconds[] = [seconds(300), seconds(3600)];

/** Nothing is concluded from less: a checkpoint or a switch of segments is no pace. */
const LEAST = seconds(60);

/** Bytes a second that a log grew by, up to `now`; undefined when too little of the time was seen. */
function pace(history: WalHistory, now: Instant, window: Seconds): number | undefined {
  const [first] = history.samples;
  const newest = history.samples.at(-1);
  if (first === undefined || newest === undefined) return undefined;
  const begin = instant(Math.max(now - window * 1000, first.at));
  const covered = between(begin, now);
  if (covered < LEAST) return undefined;
  const at = history.samples.findLast((sample) => sample.at <= begin) ?? first;
  return Number(newest.lsn - at.lsn) / covered;
}

/**
 * Bytes a second by which a standby's headroom shrinks: what the primary writes, less what a standby
 * that is connected takes. 0 while it does not shrink; undefined when too little was seen.
 */
export function shrinking(
  primary: WalHistory,
  standby: WalHistory | undefined,
  now: Instant,
): number | undefined {
  const paces = WINDOWS.map((window) => {
    const written = pace(primary, now, window);
    if (written === undefined || standby === undefined) return written;
    const taken = pace(standby, now, window);
    return taken === undefined ? undefined : written - taken;
  }).filter((each) => each !== undefined);
  return paces.length === 0 ? undefined : Math.max(0, ...paces);
}

/** The longest time ahead that a pace is believed for. */
const FAR = seconds(30 * 86_400);

/** How long headroom lasts; undefined when it does not shrink, or lasts longer than anybody can say. */
export function lasts(headroom: bigint, shrinks: number): Seconds | undefined {
  if (headroom <= 0n) return seconds(0);
  const left = Number(headroom) / shrinks;
  return left <= FAR ? seconds(left) : undefined;
}
