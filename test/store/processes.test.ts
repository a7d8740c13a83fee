import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { StoreBusy } from '../../src/store/failure.ts';
import { Ledger } from '../../src/store/ledger.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { FakeClock } from '../support/clock.ts';
import { startChild } from './children.ts';
import { entry, inFolder } from './samples.ts';

const clock = new FakeClock();
const quiet = { clock, onTrouble: () => {} };

describe('two processes and one store', () => {
  it(
    'refuses the second, and the death of the first frees it with all that it had committed',
    () =>
      inFolder(async (folder) => {
        const file = join(folder, 'state.db');
        const holder = startChild('hold', file);
        await holder.said(1);
        const refused = await openSqlite(file, { clock, patience: seconds(0.05) }).catch(
          (error: unknown) => error,
        );
        expect(refused).toBeInstanceOf(StoreBusy);
        expect((refused as StoreBusy).owner).toBe(holder.pid);
        await holder.kill();
        const ledger = await Ledger.open({ file, ...quiet });
        expect(ledger.replaced).toBeUndefined();
        expect(ledger.document('held')).toBe(holder.pid);
        expect(ledger.journal({ most: 9 })).toEqual([entry(1)]);
        ledger.close();
      }),
    60_000,
  );

  it(
    'lets one of three mend a damaged file, and refuses the others',
    () =>
      inFolder(async (folder) => {
        const file = join(folder, 'state.db');
        writeFileSync(file, 'no database '.repeat(2000));
        const children = [0, 1, 2].map(() => startChild('hold', file));
        await Promise.all(children.map((child) => child.said(1)));
        const words = children.map((child) => child.lines[0]?.split(':')[0]).sort();
        for (const child of children) await child.kill();
        expect(words).toEqual(['StoreBusy', 'StoreBusy', 'replaced']);
        expect(readdirSync(folder).filter((name) => name.includes('corrupt'))).toHaveLength(1);
      }),
    60_000,
  );
});

/** That the store holds the changes 1 to `count`, each whole, and nothing of any other. */
function expectWhole(ledger: Ledger): number {
  const count = Number(ledger.document('count') ?? 0);
  const all = Array.from({ length: count }, (_, index) => index + 1);
  for (const each of all.slice(-3)) {
    expect(ledger.document(`text-${each % 3}`)).toBe(`${each} `.repeat(3000));
  }
  expect(ledger.deliveries().map(({ id }) => id)).toEqual(
    all.flatMap((each) => [`E${each}/slack/open/1`, `E${each}/email/open/1`]),
  );
  expect(ledger.journal({ most: 100_000 })).toEqual(
    all.flatMap((each) => [entry(each), entry(each, { what: 'delivery' })]),
  );
  return count;
}

describe('a store whose process is killed while it commits', () => {
  it(
    'holds every durable commit whole and nothing by halves, after each of 24 kills',
    () =>
      inFolder(async (folder) => {
        const file = join(folder, 'state.db');
        let stored = 0;
        for (let round = 0; round < 24; round += 1) {
          const child = startChild('commit', file);
          // Another place of the log every time: it is checkpointed and begun anew on the way.
          await child.said(2 + round * 3);
          await child.kill();
          const durable = Number(child.lines.filter((line) => /^\d+$/.test(line)).at(-1) ?? stored);
          const ledger = await Ledger.open({ file, ...quiet });
          expect(ledger.replaced).toBeUndefined();
          const count = expectWhole(ledger);
          expect(count).toBeGreaterThanOrEqual(durable);
          stored = count;
          ledger.close();
        }
        expect(stored).toBeGreaterThan(24);
      }),
    180_000,
  );

  it.each([
    ['commit:before', 4],
    ['commit:after', 5],
  ])(
    'holds what was committed when it dies at %s of the fifth',
    (label, expected) =>
      inFolder(async (folder) => {
        const file = join(folder, 'state.db');
        const child = startChild('commit', file, label, '5');
        await child.ended;
        const ledger = await Ledger.open({ file, ...quiet });
        expect(expectWhole(ledger)).toBe(expected);
        ledger.close();
      }),
    60_000,
  );
});
