import { evidence, type Note } from '../../core/check.ts';
import { observe } from '../../core/metric.ts';
import { formatDuration, type Seconds } from '../../core/time.ts';
import type { NodeView, StandbyPicture } from './compare.ts';
import { LONGEST_LAG } from './lag.ts';
import { replayDelayed } from './notes.ts';

/**
 * A commit that waits for its time to be applied waits for the standby's clock, and is then applied
 * within the time of one look or two: no later than this.
 */
const SLACK = 60;

/** Whether lag is what the standby's own configuration asks for; what is beyond that is a fault. */
const explains = (delay: Seconds, lag: Seconds | undefined): boolean =>
  delay > 0 && (lag === undefined || lag <= delay + SLACK || delay >= LONGEST_LAG);

/** Replay that is kept back on purpose (`recovery_min_apply_delay`), told apart from one that is late. */
export const describeDelay = (
  views: readonly NodeView[],
  standbys: readonly StandbyPicture[],
): readonly Note[] =>
  views.flatMap((view) => {
    const delay = view.is === 'standby' ? view.state?.delay : undefined;
    if (delay === undefined) return [];
    const node = view.node.name;
    const lag = standbys.find((standby) => standby.node === view.node)?.lag?.behind;
    const expected = explains(delay, lag);
    const notes: readonly Note[] = [observe(replayDelayed, expected, { node })];
    if (delay <= 0) return notes;
    const rest = expected ? '' : ', and is later than that explains';
    const says = `replays ${formatDuration(delay)} late on purpose (recovery_min_apply_delay)${rest}`;
    return [...notes, evidence(node, says)];
  });
