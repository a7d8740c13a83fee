import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, unwatchFile, watchFile } from 'node:fs';
import type { Stage } from './demo-stage.ts';

/*
 * The monitor as a process of its own: it is in a session of its own, so that Ctrl-C reaches this program
 * only and everything is taken down in order; and it ends by itself when this program is gone.
 */

/** Run in the monitor before its own code: the end of its input is the end of its parent. */
export const ENDS_WITH_PARENT =
  'data:text/javascript,process.stdin.on("end",()=>process.kill(process.pid,"SIGTERM")).resume().unref()';

/** Milliseconds that it has to stop in. */
const PATIENCE = 10_000;

/** The command that runs this package's monitor on a configuration. */
export const monitorCommand = (main: string, config: string): readonly string[] => [
  process.execPath,
  `--import=${ENDS_WITH_PARENT}`,
  main,
  'run',
  '--config',
  config,
];

/** Runs a stage's command until `signal`; says how it ended when it did so before, else undefined. */
export async function runUntil(
  { command: [file = '', ...args], directory: cwd, follows, renew = () => undefined }: Stage,
  signal: AbortSignal,
): Promise<string | undefined> {
  const isOver = (): boolean => signal.aborted;
  if (isOver()) return undefined;
  const child = spawn(file, args, { cwd, stdio: ['pipe', 'inherit', 'inherit'], detached: true });
  child.stdin.on('error', () => undefined);
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    child.kill('SIGTERM');
    timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  };
  signal.addEventListener('abort', stop, { once: true });
  const changed = (): void => {
    // While the lab is being taken down there is nothing to read.
    if (isOver() || !existsSync(follows)) return;
    renew();
    child.kill('SIGHUP');
  };
  watchFile(follows, { interval: 1_000, persistent: false }, changed);
  try {
    const [code, by] = (await once(child, 'exit')) as [number | null, string | null];
    return isOver() ? undefined : code === null ? `by ${by ?? 'a signal'}` : `exit code ${code}`;
  } catch (error) {
    return (error as Error).message;
  } finally {
    clearTimeout(timer);
    unwatchFile(follows, changed);
    signal.removeEventListener('abort', stop);
  }
}
