import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  startAlertmanager,
  startPrometheus,
  type Alertmanager,
  type Prometheus,
} from '../support/prometheus.ts';
import { ENDS_WITH_PARENT } from './demo-monitor.ts';
import {
  alertmanagerConfig,
  ALERTMANAGERS,
  groupInterval,
  monitorConfig,
  MONITORS,
  PORT,
  PROMETHEIS,
  prometheusConfig,
  type AlertmanagerName,
  type MonitorName,
  type PrometheusName,
  type Timing,
  type Victim,
} from './kill-one-config.ts';
import type { Notice } from './kill-one-post.ts';
import { inside, tryRunIn } from './net.ts';

/*
 * Two instances of the monitor, two shards of Prometheus with two replicas each, two Alertmanagers that
 * gossip, and one who is told: all on the lab's host `mon`, each a process that can be killed and started
 * again where it was.
 */

const ROOT = join(import.meta.dirname, '..', '..');

/** A process of ours on the host `mon`, which ends with this program. */
interface Own {
  readonly child: ChildProcess;
  end(signal: NodeJS.Signals): Promise<void>;
}

function launch(directory: string, name: string, args: readonly string[], piped = false): Own {
  const node = [process.execPath, '--import', 'tsx', `--import=${ENDS_WITH_PARENT}`];
  const [file = '', ...rest] = inside('mon', [...node, ...args]);
  const log = openSync(join(directory, `${name}.log`), 'a');
  const child = spawn(file, rest, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['pipe', piped ? 'pipe' : log, log],
    detached: true,
  });
  closeSync(log);
  child.stdin?.on('error', () => undefined);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };
  return { child, end };
}

/** All of it. What is killed is not among the running ones until it is started again. */
export class Stage {
  readonly timing: Timing;
  /** Milliseconds until Alertmanager at the latest looks again at what it has told. */
  readonly interval: number;
  readonly #directory: string;
  readonly heard: Notice[] = [];
  readonly monitors = new Map<MonitorName, Own>();
  readonly prometheis = new Map<PrometheusName, Prometheus>();
  readonly alertmanagers = new Map<AlertmanagerName, Alertmanager>();
  #post: Own | undefined;

  constructor(directory: string, timing: Timing) {
    this.#directory = directory;
    this.timing = timing;
    this.interval = groupInterval(timing);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Starts everything. @throws Error when something does not start; what runs by then is to be stopped. */
  async start(): Promise<void> {
    await this.#startPost();
    for (const name of [...MONITORS, ...ALERTMANAGERS, ...PROMETHEIS]) await this.startOne(name);
  }

  async startOne(name: Victim): Promise<void> {
    if (isOneOf(MONITORS, name)) await this.#startMonitor(name);
    else if (isOneOf(ALERTMANAGERS, name)) await this.#startAlertmanager(name);
    else await this.#startPrometheus(name);
  }

  /** Ends one as a power cut would. */
  async kill(name: Victim): Promise<void> {
    if (isOneOf(MONITORS, name)) {
      const own = this.monitors.get(name);
      this.monitors.delete(name);
      await own?.end('SIGKILL');
      return;
    }
    const servers: Map<string, Prometheus | Alertmanager> = isOneOf(ALERTMANAGERS, name)
      ? this.alertmanagers
      : this.prometheis;
    const server = servers.get(name);
    servers.delete(name);
    await server?.kill();
  }

  /** A heal writes down which primary is declared: the instances read it. */
  renew(): void {
    for (const [name, { child }] of this.monitors) {
      this.#writeMonitor(name);
      child.kill('SIGHUP');
    }
  }

  async stop(): Promise<void> {
    await Promise.all([
      ...[...this.prometheis.values(), ...this.alertmanagers.values()].map((each) => each.stop()),
      ...[...this.monitors.values()].map((each) => each.end('SIGTERM')),
    ]);
    await this.#post?.end('SIGTERM');
  }

  async #startPost(): Promise<void> {
    const post = launch(
      this.#directory,
      'post',
      ['test/lab/kill-one-post.ts', String(PORT.post)],
      true,
    );
    this.#post = post;
    const { stdout } = post.child;
    if (stdout === null) throw new Error('the output of the post is not piped');
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: stdout }).on('line', (line) => {
        const said = JSON.parse(line) as Notice | { readonly listening: number };
        if ('listening' in said) resolve();
        else this.heard.push(said);
      });
      post.child.once('error', reject).once('exit', (code) => {
        reject(new Error(`who is told ended with exit code ${String(code)}`));
      });
    });
  }

  #writeMonitor(name: MonitorName): string {
    const config = join(this.#directory, `${name}.yaml`);
    writeFileSync(config, monitorConfig(name), { mode: 0o600 });
    return config;
  }

  async #startMonitor(name: MonitorName): Promise<void> {
    const config = this.#writeMonitor(name);
    const args = ['src/cli/main.ts', 'run', '--probe-only', '--config', config];
    const own = launch(this.#directory, name, args);
    this.monitors.set(name, own);
    const end = Date.now() + STARTS;
    while (!(await answers(`http://127.0.0.1:${PORT[name]}/healthz`))) {
      if (own.child.exitCode !== null || Date.now() > end)
        throw new Error(`${name} does not answer; its log is ${this.#directory}/${name}.log`);
    }
  }

  async #startPrometheus(name: PrometheusName): Promise<void> {
    this.prometheis.set(
      name,
      await startPrometheus({
        config: prometheusConfig(name),
        host: 'mon',
        port: PORT[name],
        folder: join(this.#directory, name),
        args: [`--rules.alert.resend-delay=${this.timing.resendDelay}`],
      }),
    );
  }

  async #startAlertmanager(name: AlertmanagerName): Promise<void> {
    const gossip = { am1: PORT.gossip1, am2: PORT.gossip2 };
    const other = name === 'am1' ? gossip.am2 : gossip.am1;
    this.alertmanagers.set(
      name,
      await startAlertmanager({
        config: alertmanagerConfig(this.timing),
        host: 'mon',
        port: PORT[name],
        folder: join(this.#directory, name),
        args: [
          `--web.external-url=http://${name}.example.org`,
          `--cluster.listen-address=127.0.0.1:${gossip[name]}`,
          `--cluster.peer=127.0.0.1:${other}`,
        ],
      }),
    );
  }
}

const STARTS = 30_000;

const isOneOf = <Name extends Victim>(names: readonly Name[], name: Victim): name is Name =>
  (names as readonly Victim[]).includes(name);

/** Whether somebody on `mon` says yes; waits a little for it. */
const answers = async (address: string): Promise<boolean> =>
  (
    await tryRunIn('mon', [
      'curl',
      '-sf',
      '--max-time',
      '2',
      '--retry',
      '1',
      '-o',
      '/dev/null',
      address,
    ])
  ).code === 0;
