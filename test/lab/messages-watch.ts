import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isSettled } from '../../alerts/outbox/delivery.ts';
import type { Alert, Alerts } from '../../alerts/state.ts';
import type { Transition } from '../../alerts/transition.ts';
import { instant } from '../../src/core/time.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { Addresses, Heard } from './messages-post.ts';
import { ENDS_WITH_PARENT } from './demo-monitor.ts';
import { inside } from './net.ts';
import { paths } from './plan.ts';

/** What the monitor knows at a moment, as its store has it. */
export interface Known {
  readonly alerts: readonly (Alert & { readonly region: string })[];
  /** Checks that have come to something. */
  readonly seen: readonly string[];
  /** Messages that are not delivered yet. */
  readonly waiting: number;
  /** All that happened so far. */
  readonly transitions: readonly Transition[];
}

/** A real monitor on the lab's host `mon`, and all that it tells. */
export interface Watch {
  readonly heard: readonly Heard[];
  known(): Promise<Known>;
  /** The monitor reads the lab's configuration anew: a heal writes down which primary is declared. */
  reload(): void;
  /** Ends the monitor; what is kept of it stays in `directory`. */
  stop(): Promise<void>;
}

/** Waits that are longer than three minutes are made shorter; the table says so. */
export const SHORTENED: Readonly<Record<string, string>> = {
  MaasHaRedundancyLost: '60s (of 600s)',
};

const WAITS = `checks:
  postgres-capacity: { rules: { MaasHaSlotRetainsMuch: { above: 33554432 } } }
  redundancy: { rules: { MaasHaRedundancyLost: { for: 60s } } }
`;

const ROOT = join(import.meta.dirname, '..', '..');

/** Starts servers and a monitor that has nothing to remember; its HTTP face is where `listen` says. */
export async function watch(
  directory: string,
  listen: object = { socket: join(directory, 'http.sock') },
): Promise<Watch> {
  const heard: Heard[] = [];
  const post = start(directory, 'post', ['test/lab/messages-post.ts']);
  const ends: ChildProcess[] = [post];
  const stop = async (): Promise<void> => {
    for (const child of ends.reverse()) await end(child);
  };
  try {
    const addresses = await addressesOf(post, heard);
    const config = writeConfig(directory, addresses, listen);
    const monitor = start(directory, 'monitor', ['src/cli/main.ts', 'run', '--config', config]);
    ends.push(monitor);
    return {
      heard,
      known: () => look(join(directory, 'state', 'maasha.db')),
      reload: () => {
        writeConfig(directory, addresses, listen);
        monitor.kill('SIGHUP');
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A folder for one watch. */
export const someDirectory = (): string => mkdtempSync(join(tmpdir(), 'maasha-messages-'));

export const removeDirectory = (directory: string): void => {
  rmSync(directory, { recursive: true, force: true });
};

/** On the host `mon`, ending when this program does. Its words are kept, but for the post's output. */
function start(directory: string, name: 'post' | 'monitor', args: readonly string[]): ChildProcess {
  const node = [process.execPath, '--import', 'tsx', `--import=${ENDS_WITH_PARENT}`];
  const [file = '', ...rest] = inside('mon', [...node, ...args]);
  const log = openSync(join(directory, `${name}.log`), 'a');
  const child = spawn(file, rest, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['pipe', name === 'post' ? 'pipe' : log, log],
    detached: true,
  });
  child.stdin?.on('error', () => undefined);
  closeSync(log);
  return child;
}

const PATIENCE = 15_000;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await exit;
  clearTimeout(timer);
}

/** Takes in what the post says from now on. @throws Error when it does not start. */
function addressesOf(post: ChildProcess, heard: Heard[]): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    const { stdout } = post;
    if (stdout === null) throw new Error('the output of the post is not piped');
    createInterface({ input: stdout }).on('line', (line) => {
      const said = JSON.parse(line) as Addresses | Heard;
      if ('channel' in said) heard.push(said);
      else resolve(said);
    });
    post.once('error', reject).once('exit', (code) => {
      reject(new Error(`the servers for the messages ended with exit code ${String(code)}`));
    });
  });
}

function writeConfig(
  directory: string,
  { slack, smtp, alertmanager }: Addresses,
  listen: object,
): string {
  const config = join(directory, 'maasha.yaml');
  const token = join(directory, 'slack-token');
  writeFileSync(token, 'xoxb-valid\n', { mode: 0o600 });
  const alerting = {
    state: join(directory, 'state'),
    public_url: 'http://monitor.example.org:9877',
    slack: { token_file: token, channel: 'C0123456', api_url: slack },
    email: { smtp, from: 'maasha@example.org', to: ['ops@example.org'] },
    alertmanager: { urls: [alertmanager] },
    console: {},
  };
  // The lab's regions; its section of changed checks is at the end.
  const [text = ''] = readFileSync(paths.config, 'utf8').split(/^checks:/m);
  writeFileSync(
    config,
    `${text}
listen: ${JSON.stringify(listen)}
alerting: ${JSON.stringify(alerting)}
${WAITS}`,
    { mode: 0o600 },
  );
  return config;
}

const clock = { now: () => instant(Date.now()) };
const EVERYTHING = 100_000;

/**
 * From a copy, since the monitor keeps its store for itself. Nothing is known of one that is not there
 * yet, or that was written to in the very moment.
 */
async function look(file: string): Promise<Known> {
  const folder = mkdtempSync(join(tmpdir(), 'maasha-look-'));
  try {
    const copy = join(folder, 'copy.db');
    for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${copy}${end}`);
    return await read(copy);
  } catch {
    return { alerts: [], seen: [], waiting: 1, transitions: [] };
  } finally {
    removeDirectory(folder);
  }
}

async function read(file: string): Promise<Known> {
  const store = await openSqlite(file, { clock, readOnly: true });
  try {
    const { documents, deliveries } = store.store.load(instant(0));
    const states = Object.entries(documents)
      .filter(([key]) => key.startsWith('alerts/'))
      .map(([, state]) => state as Alerts);
    return {
      alerts: states.flatMap(({ region, alerts }) =>
        Object.values(alerts).map((alert) => ({ ...alert, region })),
      ),
      seen: states.flatMap(({ seen }) => Object.keys(seen)),
      waiting: deliveries.filter((each) => !isSettled(each)).length,
      transitions: store.store
        .journal({ most: EVERYTHING })
        .filter(({ what }) => what === 'transition')
        .map(({ says }) => says as unknown as Transition),
    };
  } finally {
    store.store.close();
  }
}
