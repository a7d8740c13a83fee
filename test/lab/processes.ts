import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { livesIn, networkIds } from './net.ts';
import { paths, type Host } from './plan.ts';
import { run, until } from './shell.ts';

/*
 * The lab's daemons as processes. Each has a directory of its own as its working directory and lives in
 * one of the lab's network namespaces. These two facts, read in /proc at the moment of acting, say
 * which processes are a daemon's (also orphans, whose parent is dead); a recycled pid never has both.
 */

export type DaemonState = 'up' | 'down' | 'frozen';

/** Path of a file that belongs to the lab's source. */
export const source = (name: string): string => join(import.meta.dirname, name);

/** Makes a daemon's directory and the script that becomes it. */
export function writeDaemon(host: Host, name: string, argv: readonly string[], before = ''): void {
  const directory = paths.daemon(host, name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'run'), `${before}exec ${argv.join(' ')}\n`);
}

export const start = (host: Host, name: string): Promise<string> => control('start', host, name);
export const stop = (host: Host, name: string): Promise<string> => control('stop', host, name);
export const restart = (host: Host, name: string): Promise<string> =>
  control('restart', host, name);

const control = (action: string, host: Host, name: string) =>
  run(['bash', source('daemon.sh'), action, host, paths.daemon(host, name)]);

/** Tells a daemon to read its files again. */
export function reload(host: Host, name: string): void {
  const { pid } = recorded(host, name);
  if (daemonState(host, name) === 'up') signal(pid, 'SIGHUP');
}

/** Kills every process of a daemon at once, as a power cut would; returns how many there were. */
export async function crash(host: Host, name: string): Promise<number> {
  return killAll(paths.daemon(host, name));
}

/** Kills every process of the whole lab. */
export const killEverything = (): Promise<number> => killAll(paths.root);

async function killAll(directory: string): Promise<number> {
  const killed = new Set<number>();
  const gone = await until(
    10_000,
    () => {
      // Looked up again each time: what is being killed may be forking.
      const left = processesUnder(directory);
      for (const pid of left) {
        killed.add(pid);
        signal(pid, 'SIGKILL');
      }
      return left.length === 0 ? true : undefined;
    },
    20,
  );
  if (gone === undefined) throw new Error(`processes under ${directory} survived SIGKILL`);
  return killed.size;
}

/** Stops every process of a daemon in its tracks: it keeps its sockets and answers nothing. */
export async function freeze(host: Host, name: string): Promise<void> {
  const directory = paths.daemon(host, name);
  const still = await until(
    5_000,
    () => {
      const running = processesUnder(directory).filter((pid) => processState(pid) !== 'T');
      for (const pid of running) signal(pid, 'SIGSTOP');
      return running.length === 0 ? true : undefined;
    },
    10,
  );
  if (still === undefined) throw new Error(`${host}/${name} could not be frozen`);
}

/** Lets every process of a daemon go on that was stopped. */
export function thaw(host: Host, name: string): void {
  for (const pid of processesUnder(paths.daemon(host, name))) signal(pid, 'SIGCONT');
}

/** Whether the process that the lab recorded for a daemon is alive, and running or stopped. */
export function daemonState(host: Host, name: string): DaemonState {
  const { pid, ticks } = recorded(host, name);
  const stat = pid === 0 ? [] : statFields(pid);
  if (stat[0] === undefined || stat[0] === 'Z' || stat[19] !== ticks) return 'down';
  return stat[0] === 'T' ? 'frozen' : 'up';
}

/** The pid that was recorded at the daemon's start, with its start time: a pid may be recycled. */
function recorded(host: Host, name: string): { pid: number; ticks: string } {
  const [pid = '0', ticks = ''] = readOr(join(paths.daemon(host, name), 'pid'))
    .trim()
    .split(' ');
  return { pid: Number(pid), ticks };
}

function processesUnder(directory: string): number[] {
  const networks = networkIds();
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => isUnder(workingDirectory(pid), directory) && livesIn(pid, networks))
    .filter((pid) => processState(pid) !== 'Z');
}

const isUnder = (path: string, directory: string) =>
  path === directory || path.startsWith(`${directory}/`);

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

const processState = (pid: number) => statFields(pid)[0];

/** Fields of /proc/PID/stat from the third on (the second, the name, may hold spaces). */
function statFields(pid: number): string[] {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
