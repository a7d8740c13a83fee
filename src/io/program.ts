import { spawn } from 'node:child_process';
import { CheckFailure } from '../core/failure.ts';
import { seconds, type Seconds } from '../core/time.ts';
import { bounded, type Scope } from './scope.ts';

/** What a program came to. */
export interface Ended {
  /** Its exit status; null when a signal ended it, or when it was stopped at `enough`. */
  readonly status: number | null;
  readonly output: string;
  readonly complaint: string;
}

interface Options {
  /** Names the exchange in a failure's message: `arping 172.31.16.39`. */
  readonly what: string;
  /** When to take what it has said so far and to stop it; a second later at most it must have ended. */
  readonly enough: Seconds;
}

/** No honest output of a program that we run is longer. */
const MOST_OUTPUT = 65_536;

/**
 * Runs one of the system's programs, in the C locale, until it ends; it never outlives the run.
 *
 * @throws CheckFailure `no_privilege` when it cannot be run: it is not there, or it is forbidden.
 */
export function runProgram(
  scope: Scope,
  command: string,
  args: readonly string[],
  { what, enough }: Options,
): Promise<Ended> {
  return bounded(scope, seconds(enough + 1), what, ({ resolve, reject }) => {
    const child = start(what, command, args);
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, MOST_OUTPUT);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, MOST_OUTPUT);
    });
    child.once('error', (error) => {
      reject(cannotRun(what, command, error));
    });
    child.once('close', (status) => {
      resolve({ status, output, complaint });
    });
    const cancel = scope.clock.after(enough, () => {
      resolve({ status: null, output, complaint });
    });
    return () => {
      cancel();
      child.kill('SIGKILL');
    };
  });
}

/** Where a program has capabilities that this process may not have, exec is forbidden, and that is thrown. */
function start(what: string, command: string, args: readonly string[]) {
  const { PATH = '' } = process.env;
  try {
    return spawn(command, args, {
      // A service may be started without the directories in which some systems keep such programs.
      env: { ...process.env, PATH: `${PATH}:/usr/sbin:/sbin`, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    throw cannotRun(what, command, error as Error);
  }
}

/** 126 is what a shell says where exec itself is forbidden; the programs say it in words. */
export const mayNot = ({ status, complaint }: Ended): boolean =>
  status === 126 ||
  (status !== 0 && /not permitted|permission denied|cap_net_raw/i.test(complaint));

function cannotRun(what: string, command: string, cause: Error): CheckFailure {
  const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const name = `${command.split('/').at(-1) ?? command}(8)`;
  const why = absent ? `${name} is not installed` : `${name} cannot be run`;
  return new CheckFailure('no_privilege', `${what}: ${why}`, { cause });
}
