import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setup } from '../../src/cli/setup.ts';
import { artifacts } from '../../src/generate/artifacts.ts';
import { startPrometheus, type Prometheus } from '../support/prometheus.ts';
import { begin } from './messages.ts';
import type { Watch } from './messages-watch.ts';
import { runIn } from './net.ts';
import { sleep, tryRun } from './shell.ts';

/** The real monitor on the lab's host `mon`, and a real Prometheus beside it that scrapes it. */
export interface Stage {
  readonly monitor: Watch;
  readonly prometheus: Prometheus;
  /** When Prometheus had its first sample: milliseconds since the Unix epoch. */
  readonly since: number;
  /** What `/metrics` says now. */
  metrics(): Promise<string>;
  /** Until Prometheus has samples, and has evaluated all rules on samples, that are younger than this call. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

const FACE = { host: '127.0.0.1', port: 9877 } as const;
const METRICS = `http://${FACE.host}:${FACE.port}/metrics`;
/** Seconds: quicker than advised, so that a run takes less. */
const SCRAPED_EVERY = 5;
const LOOK = 1_000;
const PATIENCE = 90_000;

/** As a site would have it that scrapes one monitor. */
const CONFIG = {
  global: { scrape_interval: `${SCRAPED_EVERY}s`, evaluation_interval: `${SCRAPED_EVERY}s` },
  rule_files: ['rules-*.yml'],
  scrape_configs: [
    {
      job_name: 'maasha',
      honor_labels: true,
      static_configs: [{ targets: [`${FACE.host}:${FACE.port}`] }],
    },
  ],
};

/** The alerting rules as they are generated for the monitor's own configuration. */
async function rulesFor(config: string): Promise<Readonly<Record<string, string>>> {
  const { checks } = await setup(config);
  const made = await artifacts(['rules'], Promise.resolve([...checks]));
  return Object.fromEntries(made.map(({ path, text }) => [`rules-${basename(path)}`, text]));
}

/** Starts both; the region is well and Prometheus knows it. @throws Error when that takes too long. */
export async function openStage(directory: string, signal: AbortSignal): Promise<Stage> {
  const own = join(directory, 'monitor');
  mkdirSync(own, { recursive: true });
  const monitor = await begin({ directory: own, say: () => {}, signal }, FACE);
  try {
    const prometheus = await startPrometheus({
      host: 'mon',
      folder: join(directory, 'prometheus'),
      config: CONFIG,
      files: await rulesFor(join(own, 'maasha.yaml')),
    });
    const stage = {
      monitor,
      prometheus,
      since: Date.now(),
      metrics: () => runIn('mon', ['curl', '-sSf', METRICS]),
      caughtUp: () => caughtUp(prometheus),
      stop: async () => {
        await prometheus.stop();
        await monitor.stop();
      },
    };
    await stage.caughtUp();
    return stage;
  } catch (error) {
    await monitor.stop();
    throw error;
  }
}

async function caughtUp(prometheus: Prometheus): Promise<void> {
  const from = Date.now();
  const end = from + PATIENCE;
  while (!(await isYounger(prometheus, from))) {
    if (Date.now() > end)
      throw new Error(`Prometheus has nothing new: ${prometheus.log.slice(-500)}`);
    await sleep(LOOK);
  }
}

/** Two scrapes and an evaluation since: a rate needs two, and a rule is evaluated on what is there already. */
async function isYounger(prometheus: Prometheus, from: number): Promise<boolean> {
  const seconds = Math.floor((Date.now() - from) / 1000);
  if (seconds < 1) return false;
  const [scrapes] = await prometheus.query(`count_over_time(up{job="maasha"}[${seconds}s])`);
  if (scrapes === undefined || scrapes.value < 2) return false;
  const rules = await prometheus.rules();
  return rules.every(({ lastEvaluation }) => Date.parse(lastEvaluation) > from);
}

/** What promtool finds fault with in the text of `/metrics`; nothing is good. */
export async function lintOf(text: string): Promise<readonly string[]> {
  const ran = await tryRun(['promtool', 'check', 'metrics'], { input: text });
  return ran.code === 0 ? [] : (ran.stdout + ran.stderr).trim().split('\n');
}
