/**
 * What the store costs: `node --import tsx test/bench/store.ts [FOLDER]` measures on the disk of that
 * folder (the one for temporary files, if none is given).
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { instant } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { Ledger } from '../../src/store/ledger.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { FailingStore } from '../store/failing.ts';
import { delivery, entry, notice } from '../store/samples.ts';

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'maasha-bench-'));
const options = { clock: systemClock, onTrouble: () => undefined };

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function spread(times: number[]): string {
  const sorted = times.sort((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(2);
  return `median ${at(0.5)} ms, 99th ${at(0.99)} ms, worst ${at(0.9999)} ms`;
}

/** Forty alerts of a region, as they are stored after each look: about 30 kB. */
const alerts = (age: number) =>
  Object.fromEntries(
    Array.from({ length: 40 }, (_, each) => [
      `maas3/MaasHaNodeDown{"node":"rc${each}"}`,
      // What does not change is not written again by SQLite, and would measure nothing.
      { ...notice(`E${each}`), age, samples: '0'.repeat(21), filler: 'x'.repeat(150) },
    ]),
  );
/** With the runbook in it, as an opening notice has it. */
const full = (episode: string, kind: 'open' | 'close', seq: number) => {
  const made = delivery({ episode, kind, seq, stage: 'sent', settled: systemClock.now() });
  const runbook = {
    steps: ['Look at rc2.', 'Start it.'],
    text: 'A line of Markdown.\n'.repeat(300),
  };
  return kind === 'open' ? { ...made, notice: { ...made.notice, runbook } } : made;
};
const line = (count: number) =>
  entry(systemClock.now(), {
    fingerprint: 'maas3/MaasHaNodeDown{"node":"rc2"}',
    episode: `01JD${String(count % 500).padStart(22, '0')}`,
    says: { kind: 'fire', reason: 'bad for long enough', summary: 'rc2 does not answer', count },
  });

async function commits(): Promise<void> {
  const table = [
    ['one journal line', (count: number) => ({ journal: [line(count)] })],
    [
      'a region of 40 alerts (30 kB)',
      (count: number) => ({ documents: { alerts: alerts(count) } }),
    ],
    [
      'alerts, 2 deliveries, 3 lines',
      (count: number) => ({
        documents: { alerts: alerts(count) },
        deliveries: [full(`E${count}`, 'open', 1), full(`E${count}`, 'close', 2)],
        journal: [line(count), line(count), line(count)],
      }),
    ],
  ] as const;
  for (const [name, change] of table) {
    const ledger = await Ledger.open({ ...options, file: join(folder, `${name}.db`) });
    const times: number[] = [];
    const start = performance.now();
    for (let count = 0; count < 1000; count += 1) {
      const before = performance.now();
      if (!ledger.commit(change(count))) throw new Error(ledger.trouble);
      times.push(performance.now() - before);
    }
    const rate = Math.round(1_000_000 / (performance.now() - start));
    say(`${name}: ${rate} durable commits/s, ${spread(times)}`);
    ledger.close();
  }
}

/** Two incidents a day with six transitions each, on two channels, and an hourly word of the monitor. */
async function year(): Promise<void> {
  const file = join(folder, 'year.db');
  const { store } = await openSqlite(file, options);
  for (let day = 0; day < 365; day += 1) {
    const episodes = [`D${day}a`, `D${day}b`];
    store.commit({
      documents: { alerts: alerts(day) },
      deliveries: episodes.flatMap((episode) =>
        ['slack', 'email'].flatMap((channel) =>
          [full(episode, 'open', 1), full(episode, 'close', 2)].map((made) => ({
            ...made,
            channel,
            settled: instant(systemClock.now() - (365 - day) * 86_400_000),
            id: `${made.id}/${channel}`,
          })),
        ),
      ),
      journal: Array.from({ length: 2 * (6 + 4) + 24 }, (_, count) => line(count)),
    });
  }
  store.close();
  say(`a year of a quiet region, nothing pruned: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  await opening('the same', file);
}

async function opening(name: string, file: string): Promise<void> {
  const times: number[] = [];
  for (let turn = 0; turn < 21; turn += 1) {
    const before = performance.now();
    const ledger = await Ledger.open({ ...options, file });
    times.push(performance.now() - before);
    ledger.close();
  }
  say(`${name}: open and load ${spread(times)}`);
}

async function journal(): Promise<void> {
  const file = join(folder, 'journal.db');
  const { store } = await openSqlite(file, options);
  const lines = Array.from({ length: 10_000 }, (_, count) => line(count));
  store.commit({ documents: { alerts: alerts(0) }, journal: lines });
  const times: number[] = [];
  for (let turn = 0; turn < 200; turn += 1) {
    const before = performance.now();
    store.journal({ most: 100, episode: lines[turn]?.episode ?? '' });
    times.push(performance.now() - before);
  }
  say(`10,000 journal lines: the lines of one episode ${spread(times)}`);
  store.close();
  say(`10,000 journal lines: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  await opening('10,000 journal lines', file);
}

/** How long a commit holds the loop up when the disk is full and the ring of journal lines too. */
async function outage(): Promise<void> {
  const { store } = await openSqlite(join(folder, 'outage.db'), options);
  const ledger = Ledger.on(store, options);
  const broken = new FailingStore();
  broken.broken = true;
  const held = Ledger.on(broken, options);
  for (let count = 0; count < 6000; count += 1) held.commit({ journal: [line(count)] });
  const before = performance.now();
  held.commit({ journal: [line(0)] });
  say(
    `a commit in an outage with 5,000 lines unsaved: ${(performance.now() - before).toFixed(1)} ms`,
  );
  const all = Array.from({ length: 5000 }, (_, count) => line(count));
  const start = performance.now();
  ledger.commit({ journal: all });
  say(`writing 5,000 lines at once: ${(performance.now() - start).toFixed(1)} ms`);
  const prune = performance.now();
  ledger.prune(instant(systemClock.now() + 1));
  say(`pruning them: ${(performance.now() - prune).toFixed(1)} ms`);
  ledger.close();
}

try {
  await commits();
  await journal();
  await year();
  await outage();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
