/** What a ledger does on a disk that cannot be written: as test/store/full-disk.ts. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/io/clock.ts';
import { Ledger } from '../../src/store/ledger.ts';
import { delivery, entry } from './samples.ts';

const folder = process.argv[2] ?? '';
const [work, file] = [join(folder, 'work.db'), join(folder, 'state.db')];
const options = { clock: systemClock, onTrouble: () => undefined };

const writer = await Ledger.open({ ...options, file: work });
writer.commit({ documents: { a: 1 }, deliveries: [delivery()], journal: [entry(1)] });
// As a process leaves them that was killed.
copyFileSync(work, file);
copyFileSync(`${work}-wal`, `${file}-wal`);
writer.close();
execFileSync('mount', ['-o', 'remount,ro', folder]);

const refused = await Ledger.open({ ...options, file }).catch((error: unknown) => error);
const because = 'the disk is read-only';
const ledger = await Ledger.open({ ...options, because, beginWith: file });
const seen = {
  refused: String(refused),
  document: ledger.document('a'),
  deliveries: ledger.deliveries().length,
  lines: ledger.journal({ most: 9 }).length,
  durable: ledger.commit({ documents: { a: 2 } }),
  changed: ledger.document('a'),
  trouble: ledger.trouble,
  files: readdirSync(folder),
};
ledger.close();
writeFileSync(1, JSON.stringify(seen));
