/**
 * What a ledger does on a disk that fills up and is freed: `node --import tsx test/store/full-disk.ts
 * FOLDER` runs in a small file system of its own (see disk.test.ts) and writes what it saw as JSON.
 */
import { rmSync, statfsSync, writeFileSync, writeSync, openSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/io/clock.ts';
import { Ledger } from '../../src/store/ledger.ts';
import { delivery, entry } from './samples.ts';

const folder = process.argv[2] ?? '';
const file = join(folder, 'state.db');
const filler = join(folder, 'filler');
const said: string[] = [];
const mended: string[] = [];
const options = {
  file,
  clock: systemClock,
  onTrouble: (says: string) => said.push(says),
  onMended: (says: string) => mended.push(says),
};

function fill(): void {
  const descriptor = openSync(filler, 'w');
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(4096));
  } catch {
    // Full.
  } finally {
    closeSync(descriptor);
  }
}

const change = (count: number) => ({
  documents: { count, [`text-${count}`]: 'x'.repeat(2000) },
  deliveries: [delivery({ episode: `E${count}` })],
  journal: [entry(count)],
});

const summary = (ledger: Ledger) => ({
  count: ledger.document('count'),
  texts: Array.from({ length: 40 }, (_, each) => ledger.document(`text-${each + 1}`)).filter(
    (text) => text === 'x'.repeat(2000),
  ).length,
  deliveries: ledger.deliveries().length,
  lines: ledger
    .journal({ most: 1000 })
    .map(({ at }) => at)
    .join(' '),
});

const seen: Record<string, unknown> = {};
let ledger = await Ledger.open(options);
for (let count = 1; count <= 10; count += 1) ledger.commit(change(count));

// Started on a full disk: what is stored is there.
ledger.close();
fill();
seen['free'] = statfsSync(folder).bavail;
ledger = await Ledger.open(options);
seen['openedWhenFull'] = summary(ledger);
seen['replaced'] = ledger.replaced;

const durable: boolean[] = [];
for (let count = 11; count <= 40; count += 1) durable.push(ledger.commit(change(count)));
seen['lastDurable'] = durable.at(-1);
seen['inMemory'] = summary(ledger);
seen['trouble'] = ledger.trouble;
seen['retriedWhenFull'] = ledger.retry();

rmSync(filler);
seen['retriedWhenFreed'] = ledger.retry();
seen['troubleWhenFreed'] = ledger.trouble ?? 'none';
ledger.close();
ledger = await Ledger.open(options);
seen['stored'] = summary(ledger);
ledger.close();
writeFileSync(1, JSON.stringify({ ...seen, said, mended }));
