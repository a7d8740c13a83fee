import { CheckFailure, toFailure, type FailureCode } from '../core/failure.ts';
import { formatDuration, type Clock, type Seconds } from '../core/time.ts';

/**
 * The life of one run, as the ports see it. Whatever a port opens for the run it holds here, and the
 * scope lets go of it when the run leaves or its signal aborts, whichever comes first.
 */
export class Scope {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly #held = new Set<() => void>();

  constructor(clock: Clock, signal: AbortSignal) {
    this.clock = clock;
    this.signal = signal;
    signal.addEventListener('abort', this.leave, { once: true });
  }

  /** Keeps `release` to be called at the end, once; the returned function calls it earlier. */
  hold(release: () => void): () => void {
    const once = (): void => {
      if (this.#held.delete(once)) release();
    };
    this.#held.add(once);
    if (this.signal.aborted) once();
    return once;
  }

  readonly leave = (): void => {
    this.signal.removeEventListener('abort', this.leave);
    for (const release of [...this.#held].reverse()) release();
  };
}

interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (failure: CheckFailure) => void;
}

/**
 * One exchange that must end: with an answer, at `timeout`, or with the run. `start` begins it and
 * returns what undoes it; that is called exactly once when the exchange has ended, told whether well.
 *
 * @param what names the exchange in the failure's message: `TCP connect to 127.0.0.1:80`.
 */
export function bounded<T>(
  scope: Scope,
  timeout: Seconds,
  what: string,
  start: (settle: Settle<T>) => (answered: boolean) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (scope.signal.aborted) {
      reject(asFailure(scope.signal.reason, what));
      return;
    }
    let ended: 'well' | 'badly' | undefined;
    let finish: (answered: boolean) => void = () => undefined;
    const end = (answered: boolean, settle: () => void): void => {
      if (ended !== undefined) return;
      ended = answered ? 'well' : 'badly';
      cancelTimer();
      release();
      finish(answered);
      settle();
    };
    const fail = (failure: CheckFailure): void => {
      end(false, () => {
        reject(failure);
      });
    };
    const cancelTimer = scope.clock.after(timeout, () => {
      fail(new CheckFailure('timeout', `${what}: no answer within ${formatDuration(timeout)}`));
    });
    const release = scope.hold(() => {
      // Letting go at the end of a good exchange comes here too: no failure is to be made then.
      if (ended === undefined) fail(asFailure(scope.signal.reason, what));
    });
    try {
      finish = start({
        resolve: (value) => {
          end(true, () => {
            resolve(value);
          });
        },
        reject: fail,
      });
    } catch (error) {
      fail(toFailure(error));
    }
    // `start` may have settled before it returned what undoes it.
    if (ended !== undefined) finish(ended === 'well');
  });
}

const asFailure = (reason: unknown, what: string): CheckFailure =>
  reason instanceof CheckFailure
    ? reason
    : new CheckFailure('cancelled', `${what}: the run ended`, { cause: reason });

const CODES: Readonly<Record<string, FailureCode>> = {
  EPERM: 'no_privilege',
  EACCES: 'no_privilege',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  EPIPE: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'resolve',
  EAI_AGAIN: 'resolve',
};

/** A socket's error as a failure of the peer, where its code says so; else `protocol`. */
export function socketFailure(error: Error, what: string): CheckFailure {
  if (error instanceof CheckFailure) return error;
  const errno = (error as NodeJS.ErrnoException).code;
  const code = (errno === undefined ? undefined : CODES[errno]) ?? 'protocol';
  return new CheckFailure(code, `${what}: ${error.message}`, { cause: error });
}
