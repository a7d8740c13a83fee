import { expect, onTestFinished } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import { seconds, type Clock } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { PostgresConnections } from '../../src/io/postgres.ts';
import { Scope } from '../../src/io/scope.ts';

/** A limit that only a broken test reaches, and one that a test waits for. */
export const LONG = { timeout: seconds(10) };
export const SHORT = { timeout: seconds(0.4) };

/** PostgreSQL connections and the runs that use them; all is closed at the end of the test. */
export function connections(keep: boolean) {
  const all = new PostgresConnections({ keep });
  onTestFinished(() => all.close());
  const run = (clock: Clock = systemClock) => {
    const controller = new AbortController();
    const scope = new Scope(clock, controller.signal);
    onTestFinished(scope.leave);
    return {
      port: all.port(scope),
      walsender: all.walsenderPort(scope),
      canary: all.canaryPort(scope),
      leave: scope.leave,
      controller,
    };
  };
  return { all, run };
}

/** The failure that something must come to. */
export async function failureOf(promise: Promise<unknown>): Promise<CheckFailure> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(CheckFailure);
  return failure as CheckFailure;
}
