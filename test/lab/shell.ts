import { spawn } from 'node:child_process';

export type Ran = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunOptions = {
  /** Milliseconds after which the command is killed; nothing in a lab may hang. */
  readonly timeout?: number;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Account to run as; root without it. */
  readonly user?: string;
};

/** Exit code reported for a command that had to be killed, as timeout(1) does. */
const TIMED_OUT = 124;
const NOT_STARTED = 127;

/** Runs a command to its end or its time limit; never throws, the code tells. */
export function tryRun(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [file = '', ...args] =
    options.user === undefined ? argv : [...become(options.user), ...argv];
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: '/',
      env: { PATH: PATH, LC_ALL: 'C.UTF-8', ...options.env },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const settle = (code: number, note = '') => {
      clearTimeout(timer);
      const stderr = Buffer.concat(err).toString() + note;
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr });
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      // A grandchild may keep the pipes open: do not wait for them.
      child.stdout.destroy();
      child.stderr.destroy();
      settle(TIMED_OUT, `no end within ${(options.timeout ?? LIMIT) / 1000} s`);
    }, options.timeout ?? LIMIT);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => {
      settle(NOT_STARTED, error.message);
    });
    child.on('close', (code) => {
      settle(code ?? 128);
    });
    // The command may end without reading its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** As `tryRun`, for what must succeed. @throws Error with the command and its last words. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await tryRun(argv, options);
  if (ran.code === 0) return ran.stdout;
  const words = (ran.stderr.trim() || ran.stdout.trim()).split('\n').slice(-3).join(' / ');
  throw new Error(`${argv.join(' ').slice(0, 160)}: exit ${ran.code}: ${words}`);
}

/** Looks every `every` milliseconds until `look` gives something, or gives up: undefined. */
export async function until<T>(
  limit: number,
  look: () => Promise<T | undefined> | T | undefined,
  every = 100,
): Promise<T | undefined> {
  const end = Date.now() + limit;
  for (;;) {
    const found = await look();
    if (found !== undefined || Date.now() >= end) return found;
    await sleep(every);
  }
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const LIMIT = 30_000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const become = (user: string) => [
  'setpriv',
  `--reuid=${user}`,
  `--regid=${user}`,
  '--init-groups',
  '--',
];
