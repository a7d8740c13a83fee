import { Scope } from '../../src/io/scope.ts';
import { systemClock } from '../../src/io/clock.ts';
import type { CheckFailure } from '../../src/core/failure.ts';

/** Gives a port the life of one run, and shows that the run left nothing behind. */
export async function inRun<T>(
  work: (scope: Scope, end: (reason?: CheckFailure) => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const scope = new Scope(systemClock, controller.signal);
  try {
    return await work(scope, (reason) => {
      controller.abort(reason);
    });
  } finally {
    scope.leave();
  }
}
