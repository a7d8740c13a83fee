/**
 * How many regions one process can watch: `node --import tsx test/bench/scale.ts [MODE] [REGIONS …]`, MODE being
 * `probe-only` or `service`; both with 1, 10 and 30 regions, if nothing is said. All regions are the simulated
 * one under other names. Loopback only; the simulation and whoever asks run in this process, which is not
 * counted. Set MAASHA_MAIN to measure another build than the sources.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startSimulation } from '../sim/region.ts';

type Mode = 'service' | 'probe-only';

const MAIN = process.env['MAASHA_MAIN'] ?? 'src/cli/main.ts';
const PORT = 19_871;
const ADDRESS = `http://127.0.0.1:${PORT}`;
/** Milliseconds: until the first looks are over, and what is measured. */
const WARM_UP = Number(process.env['SCALE_WARM_UP'] ?? 60_000);
const WINDOW = Number(process.env['SCALE_WINDOW'] ?? 120_000);
const SCRAPE = 15_000;

/** The simulation's configuration with its only region many times. */
function multiplied(text: string, count: number): string {
  const [head = '', region = ''] = text.split('regions:\n');
  const regions = Array.from({ length: count }, (_, each) =>
    region.replace('name: simulated', `name: region${each}`),
  );
  return `${head.replace(/^listen: .*$/m, `listen: { host: 127.0.0.1, port: ${PORT} }`)}regions:\n${regions.join('')}`;
}

const numberOf = (page: string, series: string): number =>
  Number(
    page
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')
      .at(-1),
  );
const samplesIn = (page: string): number =>
  page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? NaN;

async function page(path: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(ADDRESS + path, { headers });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.text();
}

async function until(path: string, child: ChildProcess): Promise<void> {
  while (!(await page(path).catch(() => ''))) {
    if (child.exitCode !== null) throw new Error(`${MAIN} ended with ${child.exitCode}`);
    await pause(200);
  }
}

/** What whoever asks has seen since this was last emptied. */
interface Asked {
  readonly took: number[];
  bytes: number;
  series: number;
  errors: number;
}

interface Target {
  readonly labels: Readonly<Record<string, string>>;
}

/** Asks for every path at its own interval, from a moment of its own in it, as Prometheus does. */
function askInTurns(
  turns: readonly { readonly path: string; readonly every: number; readonly limit: number }[],
  asked: Asked,
): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const ask = async (path: string, limit: number): Promise<void> => {
    const begun = performance.now();
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': String(limit) };
    const body = await page(path, headers).catch(() => undefined);
    if (body === undefined) asked.errors += 1;
    else {
      asked.took.push((performance.now() - begun) / 1000);
      asked.bytes += body.length;
      asked.series += samplesIn(body);
    }
  };
  for (const [at, { path, every, limit }] of turns.entries())
    timers.add(
      setTimeout(
        () => {
          void ask(path, limit);
          timers.add(setInterval(() => void ask(path, limit), every));
        },
        (every * ((at * 0.618) % 1)) | 0,
      ),
    );
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}

async function turnsOf(mode: Mode) {
  const metrics = { path: '/metrics', every: SCRAPE, limit: 10 };
  if (mode === 'service') return [metrics];
  const targets = JSON.parse(await page('/sd')) as readonly Target[];
  return targets.map(({ labels }) => ({
    path: `/probe?check=${labels['check']}&region=${labels['region']}`,
    every: parseInt(labels['__scrape_interval__'] ?? '', 10) * 1000,
    limit: parseInt(labels['__scrape_timeout__'] ?? '', 10),
  }));
}

async function measure(mode: Mode, count: number): Promise<string> {
  const asked: Asked = { took: [], bytes: 0, series: 0, errors: 0 };
  const stop = askInTurns(await turnsOf(mode), asked);
  await pause(WARM_UP);
  Object.assign(asked, { took: [], bytes: 0, series: 0, errors: 0 });
  const before = await page('/metrics');
  const begun = performance.now();
  await pause(WINDOW);
  const after = await page('/metrics');
  const minutes = (performance.now() - begun) / 60_000;
  stop();
  const grown = (series: string): number => numberOf(after, series) - numberOf(before, series);
  const cpu = grown('process_cpu_seconds_total') / minutes / count;
  const loop = grown('nodejs_eventloop_time_seconds_total{state="active"}') / minutes / 60;
  const runs = [...after.matchAll(/^maasha_check_last_duration_seconds{.*} (\S+)$/gm)];
  const took = mode === 'service' ? runs.map(([, value]) => Number(value)) : asked.took;
  const per = asked.took.length || 1;
  return [
    mode.padEnd(11),
    String(count).padStart(7),
    cpu.toFixed(3).padStart(13),
    `${((cpu * count) / 0.6).toFixed(1)} %`.padStart(9),
    `${(loop * 100).toFixed(1)} %`.padStart(9),
    (numberOf(after, 'process_resident_memory_bytes') / 2 ** 20).toFixed(0).padStart(8),
    String(Math.round((asked.took.length + asked.errors) / minutes / count)).padStart(9),
    (asked.bytes / per).toFixed(0).padStart(10),
    (asked.series / per).toFixed(0).padStart(8),
    (asked.bytes / minutes / count / 1000).toFixed(1).padStart(9),
    `${percentile(took, 0.5).toFixed(3)}/${percentile(took, 0.95).toFixed(3)}`.padStart(13),
    String(asked.errors).padStart(7),
    loadavg()[0]?.toFixed(1).padStart(6),
  ].join('');
}

const HEAD = [
  'mode'.padEnd(11),
  'regions'.padStart(7),
  'CPU s/reg.min'.padStart(13),
  'of a core'.padStart(9),
  'loop busy'.padStart(9),
  'RSS MiB'.padStart(8),
  'asks/r.m'.padStart(9),
  'bytes/ask'.padStart(10),
  'series/a'.padStart(8),
  'kB/r.m'.padStart(9),
  'p50/p95 s'.padStart(13),
  'errors'.padStart(7),
  'load'.padStart(6),
].join('');

async function run(folder: string, text: string, mode: Mode, count: number): Promise<void> {
  const file = join(folder, `scale-${count}.yaml`);
  writeFileSync(file, multiplied(text, count), { mode: 0o600 });
  const args = ['run', '--config', file, '--log', 'json'];
  const child = spawn(
    process.execPath,
    [...(MAIN.endsWith('.ts') ? ['--import', 'tsx'] : []), MAIN, ...args].concat(
      mode === 'probe-only' ? ['--probe-only'] : [],
    ),
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const exit = once(child, 'exit');
  try {
    await until('/metrics', child);
    process.stdout.write(`${await measure(mode, count)}\n`);
  } finally {
    child.kill('SIGTERM');
    await exit;
    rmSync(file);
  }
}

const [only, ...counts] = process.argv.slice(2);
const modes: readonly Mode[] =
  only === 'service' || only === 'probe-only' ? [only] : ['service', 'probe-only'];
const folder = mkdtempSync(join(tmpdir(), 'maasha-scale-'));
process.env['MAASHA_SIM_CONNECTIONS'] = '600';
const simulation = await startSimulation({ dir: join(folder, 'region'), network: '127.83.9' });
try {
  const text = readFileSync(simulation.configFile, 'utf8');
  process.stdout.write(
    `Node ${process.version}; ${WINDOW / 1000} s after ${WARM_UP / 1000} s\n${HEAD}\n`,
  );
  for (const count of counts.length > 0 ? counts.map(Number) : [1, 10, 30])
    for (const mode of modes) await run(join(folder, 'region'), text, mode, count);
} finally {
  await simulation.stop();
  rmSync(folder, { recursive: true, force: true });
}
