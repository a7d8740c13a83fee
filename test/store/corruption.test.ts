import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from '../../src/core/time.ts';
import { StoreFailure } from '../../src/store/failure.ts';
import { Ledger } from '../../src/store/ledger.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { FakeClock } from '../support/clock.ts';
import { delivery, entry, inFolder } from './samples.ts';

const clock = new FakeClock();

/** A store of some forty pages: half of it in the file, and what was committed last only in its log. */
async function makeStore(folder: string, log: 'with its log' | 'closed'): Promise<string> {
  const work = join(folder, 'work.db');
  const file = join(folder, 'state.db');
  const first = await openSqlite(work, { clock });
  const hundred = Array.from({ length: 100 }, (_, count) => count);
  first.store.commit({
    documents: Object.fromEntries(
      hundred.map((count) => [`document-${count}`, { text: 'x'.repeat(500), count }]),
    ),
    deliveries: hundred.map((count) => delivery({ episode: `E${count}` })),
    journal: hundred.map((count) => entry(count)),
  });
  first.store.close();
  const second = await openSqlite(work, { clock });
  second.store.commit({ documents: { late: 1 } });
  second.store.commit({ documents: { later: 2 } });
  if (log === 'closed') second.store.close();
  copyFileSync(work, file);
  if (existsSync(`${work}-wal`)) copyFileSync(`${work}-wal`, `${file}-wal`);
  second.store.close();
  return file;
}

const overwrite = (file: string, at: number, octets: string): void => {
  const whole = readFileSync(file);
  whole.write(octets, at, 'latin1');
  writeFileSync(file, whole);
};

const raw = (file: string, sql: string): void => {
  const database = new Sqlite(file);
  database.exec(sql);
  database.close();
};

describe('a store that is damaged', () => {
  it.each<{ why: string; says: RegExp; log?: true; damage: (file: string) => void }>([
    {
      why: 'text',
      says: /NOTADB/,
      damage: (file) => {
        writeFileSync(file, 'this is no database\n'.repeat(500));
      },
    },
    {
      why: 'zeros',
      says: /NOTADB/,
      damage: (file) => {
        writeFileSync(file, Buffer.alloc(statSync(file).size));
      },
    },
    {
      why: 'empty',
      says: /the file is empty/,
      damage: (file) => {
        truncateSync(file, 0);
      },
    },
    {
      why: 'cut in half',
      says: /damaged/,
      damage: (file) => {
        truncateSync(file, Math.floor(statSync(file).size / 2));
      },
    },
    {
      why: 'cut within the header',
      says: /damaged/,
      damage: (file) => {
        truncateSync(file, 60);
      },
    },
    {
      why: 'cut to one page',
      says: /damaged/,
      damage: (file) => {
        truncateSync(file, 4096);
      },
    },
    {
      why: 'a wrong first octet',
      says: /NOTADB/,
      damage: (file) => {
        overwrite(file, 0, 'X');
      },
    },
    {
      why: 'garbage in the schema',
      says: /damaged/,
      damage: (file) => {
        overwrite(file, 100, '\xff'.repeat(400));
      },
    },
    {
      why: 'garbage in a page in the middle',
      says: /damaged/,
      damage: (file) => {
        overwrite(file, 4096 * 12, '\x0d\xff'.repeat(1000));
      },
    },
    {
      why: 'a value that is no JSON',
      says: /1 of its documents cannot be read/,
      damage: (file) => {
        raw(file, `UPDATE documents SET value = '{"half":' WHERE key = 'late'`);
      },
    },
    {
      why: 'a table is missing',
      says: /no such table: journal/,
      damage: (file) => {
        raw(file, 'DROP TABLE journal');
      },
    },
    {
      why: 'the file is gone and its log is there',
      says: /gone and its write-ahead log is still there/,
      log: true,
      damage: (file) => {
        rmSync(file);
      },
    },
    {
      why: 'empty, and its log is there',
      says: /the file is empty/,
      log: true,
      damage: (file) => {
        truncateSync(file, 0);
      },
    },
    {
      why: 'text, and its log is there',
      says: /damaged/,
      log: true,
      damage: (file) => {
        writeFileSync(file, 'no database '.repeat(5000));
      },
    },
  ])('is moved aside as it is, and a fresh one takes its place: $why', (row) =>
    inFolder(async (folder) => {
      const file = await makeStore(folder, row.log === true ? 'with its log' : 'closed');
      row.damage(file);
      const ends = ['', '-wal'].filter((end) => existsSync(file + end));
      const before = ends.map((end) => readFileSync(file + end));
      const said: string[] = [];
      const ledger = await Ledger.open({ file, clock, onTrouble: (says) => said.push(says) });
      const { movedTo, why } = ledger.replaced ?? { movedTo: '', why: '' };
      expect(why).toMatch(row.says);
      expect(why).toMatch(/; the monitor begins with an empty store$/);
      expect(basename(movedTo)).toBe('state.db.corrupt-2026-11-23T10:33:20.000Z');
      expect(ends.map((end) => readFileSync(movedTo + end))).toEqual(before);
      expect(ledger.deliveries()).toEqual([]);
      expect(ledger.commit({ documents: { fresh: true }, journal: [entry(1)] })).toBe(true);
      ledger.close();
      const again = await Ledger.open({ file, clock, onTrouble: (says) => said.push(says) });
      expect(again.replaced).toBeUndefined();
      expect(again.document('fresh')).toBe(true);
      again.close();
      expect(said).toEqual([]);
    }),
  );

  it('is moved to a name of its own when that happens twice in one moment', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      const moved: (string | undefined)[] = [];
      for (const text of ['one', 'two']) {
        writeFileSync(file, text.repeat(3000));
        const { store, replaced } = await openSqlite(file, { clock });
        moved.push(replaced && readFileSync(replaced.movedTo, 'utf8').slice(0, 3));
        store.close();
      }
      expect(moved).toEqual(['one', 'two']);
      expect(readdirSync(folder).filter((name) => name.includes('corrupt'))).toHaveLength(2);
    }));
});

describe('a log that is damaged', () => {
  it('is moved aside alone when it is garbage: the last checkpoint stays', () =>
    inFolder(async (folder) => {
      const file = await makeStore(folder, 'with its log');
      writeFileSync(`${file}-wal`, 'garbage '.repeat(2000));
      const { store, replaced } = await openSqlite(file, { clock });
      expect(replaced?.movedTo).toMatch(/state\.db\.corrupt-.*-wal$/);
      expect(readFileSync(replaced?.movedTo ?? '', 'utf8')).toBe('garbage '.repeat(2000));
      expect(replaced?.why).toMatch(/log is garbage; the state is that of the last checkpoint/);
      const { documents, deliveries } = store.load(instant(0));
      expect(Object.keys(documents)).toHaveLength(100);
      expect(deliveries).toHaveLength(100);
      store.close();
    }));

  it.each([
    ['cut within its last commit', (size: number) => size - 3000, ['late']],
    ['cut to nothing', () => 0, []],
    ['cut within its header', () => 20, []],
  ])('gives all whole commits before the damage: %s', (_, cut, found) =>
    inFolder(async (folder) => {
      const file = await makeStore(folder, 'with its log');
      truncateSync(`${file}-wal`, cut(statSync(`${file}-wal`).size));
      const { store, replaced } = await openSqlite(file, { clock });
      expect(replaced).toBeUndefined();
      const { documents } = store.load(instant(0));
      expect(Object.keys(documents).filter((key) => !key.startsWith('document-'))).toEqual(found);
      expect(Object.keys(documents)).toHaveLength(100 + found.length);
      store.close();
    }),
  );
});

describe('a store with any damage at all', () => {
  it(
    'opens whole, or is moved aside, or is refused in words',
    () =>
      inFolder(async (folder) => {
        const sound = await makeStore(folder, 'with its log');
        const [database, log] = [readFileSync(sound), readFileSync(`${sound}-wal`)];
        rmSync(sound);
        rmSync(`${sound}-wal`);
        let count = 0;
        const damage = fc.record({
          where: fc.constantFrom('database', 'log'),
          at: fc.double({ min: 0, max: 1, noNaN: true }),
          octets: fc.uint8Array({ minLength: 1, maxLength: 3000 }),
          cut: fc.boolean(),
        });
        await fc.assert(
          fc.asyncProperty(damage, async ({ where, at, octets, cut }) => {
            count += 1;
            const file = join(folder, `${count}`, 'state.db');
            (await openSqlite(file, { clock })).store.close();
            const hurt = Buffer.from(where === 'log' ? log : database);
            const offset = Math.floor(at * (hurt.length - 1));
            hurt.set(octets.subarray(0, hurt.length - offset), offset);
            const left = cut ? hurt.subarray(0, offset) : hurt;
            writeFileSync(file, where === 'log' ? database : left);
            writeFileSync(`${file}-wal`, where === 'log' ? left : log);
            const opened = await openSqlite(file, { clock }).catch((error: unknown) => error);
            if (opened instanceof Error) {
              expect(opened).toBeInstanceOf(StoreFailure);
              return;
            }
            const { store } = opened as Awaited<ReturnType<typeof openSqlite>>;
            store.load(instant(0));
            store.journal({ most: 1000 });
            store.commit({ documents: { works: true }, journal: [entry(1)] });
            store.close();
          }),
          { numRuns: 60 },
        );
      }),
    60_000,
  );
});
