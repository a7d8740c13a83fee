import { spawn, type ChildProcess } from 'node:child_process';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const COMMAND = ['--import', 'tsx', 'src/cli/main.ts'];

/** Starts `maasha` from source with these arguments. */
export const spawnMaasha = (args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess =>
  spawn(process.execPath, [...COMMAND, ...args], {
    env: { ...process.env, MAASHA_CONFIG: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Collects what a process says until it has ended. */
export const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    child.once('error', reject).once('close', (code) => {
      resolve({ code, ...said });
    });
  });

/** Runs `maasha` to its end. */
export const maasha = (...args: readonly string[]): Promise<Ended> => ended(spawnMaasha(args));

/** Resolves when a process has said something that matches. */
export const says = (child: ChildProcess, wanted: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (wanted.test(said)) resolve(said);
    });
    child.once('close', () => {
      reject(new Error(`the process ended without saying ${String(wanted)}: ${said}`));
    });
  });
