import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundled, inProcesses, Nursery } from './processes.ts';
import { tally, wanted, type Tally } from './runs.ts';

/*
 * Real processes, killed by SIGKILL, with real SQLite, Slack, SMTP and Alertmanager clients against
 * servers on loopback. More of them: MAASHA_CRASHES=200. One again: MAASHA_CRASH_SEED=17.
 */

const RUNS = Number(process.env['MAASHA_CRASHES'] ?? 15);

let folder = '';
let nursery: Nursery;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'maasha-subject-'));
  nursery = new Nursery(await bundled(folder));
});
afterAll(async () => {
  await nursery.close();
  rmSync(folder, { recursive: true, force: true });
});

const inWords = ({ runs, deaths, messages, doubts, duplicates }: Tally): string =>
  `${runs} runs, killed ${JSON.stringify(deaths)}; ${messages} messages, ${doubts} ambiguous failures, ${duplicates} duplicates\n`;

it(
  'loses nothing and repeats no more than it must, however often it is killed',
  { timeout: 3_600_000 },
  async () => {
    const found = await tally(wanted(RUNS), () => inProcesses(nursery));
    process.stdout.write(inWords(found));
    expect(found.violations).toEqual([]);
    expect(found.unscathed).toBe(0);
    expect(found.duplicates).toBeLessThanOrEqual(found.doubts);
  },
);
