/**
 * What a process costs that does nothing: `node --import tsx test/bench/idle.ts [SECONDS]` (60). The arms run
 * at the same time, each in a process of its own; CPU is counted from a while after its start to the end.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { systemClock } from '../../src/io/clock.ts';
import { Bus } from '../../src/runtime/bus.ts';
import { Recorder } from '../../src/runtime/recorder.ts';

const recorder = (): Recorder =>
  new Recorder(new Bus(() => undefined), systemClock, {
    version: 'bench',
    results: () => [],
    overdue: () => [],
  });

/** What is asked for at each scrape; it is set up once. */
const ARMS: Readonly<Record<string, () => () => Promise<unknown>>> = {
  'nothing at all': () => async () => undefined,
  'prom-client’s default metrics': () => {
    const register = new Registry();
    collectDefaultMetrics({ register });
    return () => register.metrics();
  },
  ours: () => {
    const own = recorder();
    return () => own.metrics();
  },
};
const SETTLES = 5_000;
const SCRAPE = 15_000;

async function measure(arm: string, scraped: boolean, length: number): Promise<void> {
  const page = ARMS[arm]!();
  await page();
  await pause(SETTLES);
  const before = process.cpuUsage();
  const timer = scraped ? setInterval(() => void page(), SCRAPE) : undefined;
  await pause(length);
  clearInterval(timer);
  const { user, system } = process.cpuUsage(before);
  process.send?.((user + system) / (length * 10));
}

async function compare(scraped: boolean, length: number): Promise<void> {
  const told = await Promise.all(
    Object.keys(ARMS).map(async (arm) => {
      const child = fork(fileURLToPath(import.meta.url), [
        String(length / 1000),
        arm,
        String(scraped),
      ]);
      const [percent] = (await once(child, 'message')) as [number];
      return `${arm.padEnd(32)}${percent.toFixed(3)} %`;
    }),
  );
  process.stdout.write(
    `CPU in ${length / 1000} s, ${scraped ? 'asked every 15 s' : 'never asked'}\n${told.join('\n')}\n\n`,
  );
}

const [length = '60', arm, scraped] = process.argv.slice(2);
if (arm !== undefined) {
  await measure(arm, scraped === 'true', Number(length) * 1000);
  process.disconnect();
} else for (const each of [false, true]) await compare(each, Number(length) * 1000);
