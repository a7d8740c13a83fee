import { setMaxListeners } from 'node:events';
import type { Check, CheckContext, CheckResult, Note, Trigger } from '../core/check.ts';
import { CheckFailure, toFailure } from '../core/failure.ts';
import type { World } from '../core/ports/ports.ts';
import type { Region } from '../core/region.ts';
import { sawNothing, summarise } from '../core/result.ts';
import type { Finding } from '../core/rule.ts';
import { between, formatDuration, seconds, type Clock, type Seconds } from '../core/time.ts';

/** What a run needs besides the check and its target. */
export interface Means {
  readonly clock: Clock;
  readonly world: World;
  /** The caller's life: when it aborts, so does the run. */
  readonly signal: AbortSignal;
}

export interface Invocation extends Partial<Pick<CheckContext, 'memory' | 'needs' | 'once'>> {
  readonly trigger: Trigger;
  /** The caller's own limit; the check's holds besides. */
  readonly limit?: Seconds;
  /** What the run before found, for rules that clear at another threshold than they fire. */
  readonly standing?: readonly Finding[];
}

/**
 * SPINE. Runs one check once on one region; every trigger (cron, event, probe, command line) ends
 * here. It owns the deadline: at that moment every port is stopped and the result is there, even if
 * the check itself goes on. It never rejects: what a run comes to is always a result.
 */
export async function invoke(
  check: Check,
  region: Region,
  invocation: Invocation,
  means: Means,
): Promise<CheckResult> {
  const { clock } = means;
  const startedAt = clock.now();
  const began = clock.steady();
  const header = () => ({
    check: check.name,
    region: region.name,
    trigger: invocation.trigger,
    startedAt,
    took: between(began, clock.steady()),
  });
  try {
    const notes = await run(check, region, invocation, means);
    return { ...header(), ...summarise(check, notes, invocation.standing ?? []) };
  } catch (error) {
    return {
      ...header(),
      ...sawNothing(toFailure(error)),
      // What was remembered stays remembered: one blind run must not forget hours of samples.
      memory: invocation.memory,
    };
  }
}

async function run(
  check: Check,
  region: Region,
  { memory, needs = {}, once = false, limit = check.timeout }: Invocation,
  { clock, world, signal }: Means,
): Promise<readonly Note[]> {
  const deadline = startDeadline(clock, seconds(Math.min(limit, check.timeout)), signal);
  const { ports, leave } = world.enter(deadline.signal);
  try {
    return await Promise.race([
      check.run(region, { io: ports, clock, signal: deadline.signal, memory, once, needs }),
      deadline.passed,
    ]);
  } finally {
    deadline.cancel();
    leave();
  }
}

/**
 * A signal that aborts after `limit` or with `parent`. The two are linked by hand: `AbortSignal.any`
 * on Node 20 keeps some memory of every call for as long as the parent lives, and ours lives for weeks.
 */
function startDeadline(clock: Clock, limit: Seconds, parent: AbortSignal) {
  const own = new AbortController();
  const passed = new Promise<never>((_, reject) => {
    own.signal.addEventListener(
      'abort',
      () => {
        reject(toFailure(own.signal.reason));
      },
      { once: true },
    );
  });
  // The race may be over before this rejects: nobody listens then, and nothing is wrong.
  passed.catch(() => undefined);
  const follow = (): void => {
    own.abort(
      new CheckFailure('cancelled', 'the monitor stopped looking', { cause: parent.reason }),
    );
  };
  const cancelTimer = clock.after(limit, () => {
    own.abort(new CheckFailure('timeout', `not finished within ${formatDuration(limit)}`));
  });
  // One listener for each run under way, and each leaves with it: their number is no leak.
  setMaxListeners(0, parent);
  parent.addEventListener('abort', follow, { once: true });
  if (parent.aborted) follow();
  return {
    signal: own.signal,
    passed,
    cancel: () => {
      cancelTimer();
      parent.removeEventListener('abort', follow);
    },
  };
}
