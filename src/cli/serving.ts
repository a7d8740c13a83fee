import type { Config } from '../config/load.ts';
import type { EventOf } from '../core/event.ts';
import { UsageError } from './exit.ts';

/* What all commands that serve until they are stopped have in common. */

/** That the place to listen on cannot be had, as the person who started it is to read it. */
export function cannotServe({ listen, file }: Config, error: unknown): UsageError {
  const where = 'socket' in listen ? listen.socket : `${listen.host}:${listen.port}`;
  return new UsageError(
    `cannot serve HTTP at ${where}: ${(error as Error).message}\n(is a monitor running already? \`listen:\` in ${file} chooses another place)`,
  );
}

/** That a configuration with mistakes was read: whoever follows the bus is told, and nothing changes. */
export const refusal = (error: unknown): EventOf<'config.loaded'> => ({
  type: 'config.loaded',
  accepted: false,
  problems: error instanceof Error ? error.message.split('\n') : [String(error)],
});

/** Told to whoever changed it in a configuration that is read again. */
export const LISTEN_HAS_CHANGED =
  '`listen:` has changed: that takes a restart; everything else is in force now';

export const hasMoved = (before: Config, next: Config): boolean =>
  JSON.stringify(next.listen) !== JSON.stringify(before.listen);

/** Resolves on SIGINT or SIGTERM, when no reload is under way; SIGHUP asks for one, one after the other. */
export const untilStopped = (onHangup: () => Promise<void>): Promise<void> =>
  new Promise((resolve) => {
    let reloading = Promise.resolve();
    const hangup = (): void => {
      reloading = reloading.then(onHangup);
    };
    const stop = (): void => {
      process.off('SIGHUP', hangup).off('SIGINT', stop).off('SIGTERM', stop);
      void reloading.then(resolve);
    };
    process.on('SIGHUP', hangup).once('SIGINT', stop).once('SIGTERM', stop);
  });
