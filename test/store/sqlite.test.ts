import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { instant, seconds } from '../../src/core/time.ts';
import { StoreBusy, StoreFailure } from '../../src/store/failure.ts';
import { Ledger } from '../../src/store/ledger.ts';
import { openSqlite, type SqliteOptions } from '../../src/store/sqlite.ts';
import type { Question } from '../../src/store/store.ts';
import { FakeClock } from '../support/clock.ts';
import { delivery, entry, inFolder } from './samples.ts';

const open = (file: string, options: Partial<SqliteOptions> = {}) =>
  openSqlite(file, { clock: new FakeClock(), patience: seconds(0.05), ...options });

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('a store in a file', () => {
  it('gives back after a restart what was committed', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      const rows = [
        delivery(),
        delivery({ channel: 'email', seq: 2 }),
        delivery({ episode: 'E0' }),
      ];
      const first = await open(file);
      first.store.commit({ documents: { b: [1, 'ü'], a: { x: null } }, deliveries: rows });
      first.store.commit({ documents: { b: undefined }, journal: [entry(1)] });
      first.store.close();
      const second = await open(file);
      expect(second.replaced).toBeUndefined();
      expect(second.store.load(instant(0))).toEqual({
        documents: { a: { x: null } },
        deliveries: rows,
      });
      expect(second.store.journal({ most: 9 })).toEqual([entry(1)]);
      second.store.close();
    }));

  it('commits all of a change or nothing', () =>
    inFolder(async (folder) => {
      const { store } = await open(join(folder, 'state.db'));
      const bad = entry(1, { says: { big: 1n } });
      expect(() => {
        store.commit({ documents: { a: 1 }, deliveries: [delivery()], journal: [bad] });
      }).toThrow(TypeError);
      expect(store.load(instant(0))).toEqual({ documents: {}, deliveries: [] });
      store.close();
    }));

  it('makes a folder that only its owner may enter and files that only its owner may read', () =>
    inFolder(async (folder) => {
      const home = join(folder, 'new', 'maasha');
      const { store } = await open(join(home, 'state.db'));
      store.commit({ documents: { a: 1 } });
      expect(mode(home)).toBe('700');
      const files = readdirSync(home).map((name) => `${name} ${mode(join(home, name))}`);
      expect(files).toEqual([
        'state.db 600',
        'state.db-wal 600',
        'state.db.lock 600',
        'state.db.owner 600',
      ]);
      store.close();
      expect(readdirSync(home)).toEqual(['state.db', 'state.db.lock']);
    }));

  it('writes in full before it returns, through a log', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      (await open(file)).store.close();
      const raw = new Sqlite(file);
      expect(raw.pragma('journal_mode', { simple: true })).toBe('wal');
      raw.close();
    }));

  it('loads live episodes whole and leaves out what is long over', () =>
    inFolder(async (folder) => {
      const { store } = await open(join(folder, 'state.db'));
      const over = [
        delivery({ kind: 'open', stage: 'sent' }),
        delivery({ kind: 'close', stage: 'sent', seq: 2 }),
      ];
      const owed = delivery({ episode: 'E2', stage: 'sent' });
      store.commit({ deliveries: [...over, owed] });
      expect(store.load(instant(1000)).deliveries).toEqual([...over, owed]);
      expect(store.load(instant(5000)).deliveries).toEqual([owed]);
      store.close();
    }));

  it('prunes lines and deliveries that are over, by their age', () =>
    inFolder(async (folder) => {
      const { store } = await open(join(folder, 'state.db'));
      const over = delivery({ stage: 'dead', settled: instant(100) });
      const later = delivery({ episode: 'E2', stage: 'dead', settled: instant(900) });
      const owed = delivery({ episode: 'E3', stage: 'sent', settled: instant(100) });
      store.commit({ deliveries: [over, later, owed], journal: [entry(100), entry(900)] });
      store.prune(instant(500));
      expect(store.load(instant(0)).deliveries).toEqual([later, owed]);
      expect(store.journal({ most: 9 })).toEqual([entry(900)]);
      store.close();
    }));

  const lines = [
    entry(10, { fingerprint: 'F1', episode: 'E1' }),
    entry(30, { fingerprint: 'F2', episode: 'E2', region: 'maas4' }),
    entry(20, { fingerprint: 'F1', episode: 'E3' }),
    entry(40, { what: 'operator' }),
  ] as const;
  it.each<{ why: string; question: Question; found: readonly number[] }>([
    { why: 'all, in the order of writing', question: { most: 9 }, found: [10, 30, 20, 40] },
    { why: 'the newest', question: { most: 2 }, found: [20, 40] },
    { why: 'one alert', question: { most: 9, fingerprint: 'F1' }, found: [10, 20] },
    { why: 'one episode', question: { most: 9, episode: 'E2' }, found: [30] },
    { why: 'one region', question: { most: 9, region: 'maas4' }, found: [30] },
    { why: 'since', question: { most: 9, since: instant(30) }, found: [30, 40] },
    {
      why: 'all conditions at once',
      question: { most: 9, since: instant(15), fingerprint: 'F1' },
      found: [20],
    },
    { why: 'none', question: { most: 0 }, found: [] },
    { why: 'a stranger', question: { most: 9, episode: "' OR 1=1 --" }, found: [] },
  ])('answers what the journal holds: $why', ({ question, found }) =>
    inFolder(async (folder) => {
      const { store } = await open(join(folder, 'state.db'));
      store.commit({ journal: lines });
      expect(store.journal(question)).toEqual(
        found.map((at) => lines.find((line) => line.at === at)),
      );
      store.close();
    }),
  );
});

describe('a store that somebody has', () => {
  it('refuses a second opener and names the owner', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      const { store } = await open(file);
      for (const readOnly of [false, true]) {
        const refused = await open(file, { readOnly }).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(StoreBusy);
        expect((refused as StoreBusy).message).toBe(
          `${file}: another process (pid ${process.pid}) has this store open; stop it, or give this monitor a store of its own`,
        );
      }
      store.commit({ documents: { a: 'still mine' } });
      store.close();
      (await open(file)).store.close();
    }));
});

describe('a store that is only read', () => {
  it('shows what is stored and takes nothing', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      const writer = await open(file);
      writer.store.commit({ documents: { a: 1 }, journal: [entry(1)] });
      writer.store.close();
      const { store } = await open(file, { readOnly: true });
      expect(store.load(instant(0)).documents).toEqual({ a: 1 });
      expect(store.journal({ most: 1 })).toEqual([entry(1)]);
      expect(() => {
        store.commit({ documents: { a: 2 } });
      }).toThrow('is open for reading only');
      expect(() => {
        store.prune(instant(9));
      }).toThrow('is open for reading only');
      store.close();
    }));

  it('is not made when it is not there', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      await expect(open(file, { readOnly: true })).rejects.toThrow(
        `${file}: there is no store yet`,
      );
      expect(readdirSync(folder)).toEqual([]);
    }));

  it('is not mended when it is damaged', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      writeFileSync(file, 'x'.repeat(8192));
      await expect(open(file, { readOnly: true })).rejects.toThrow(/is damaged: .*NOTADB/);
      expect(readdirSync(folder)).toEqual(['state.db']);
    }));
});

describe('a store that cannot be opened', () => {
  it('is not taken for damaged: each reason in words', () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, 'directory.db'));
      writeFileSync(join(folder, 'file'), '');
      const table = [
        ['directory.db', /directory\.db: cannot be opened: .*CANTOPEN/],
        ['file/state.db', /file\/state\.db: its folder cannot be made: .*(EEXIST|ENOTDIR)/],
      ] as const;
      for (const [name, words] of table) {
        const refused = await open(join(folder, name)).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(StoreFailure);
        expect((refused as Error).message).toMatch(words);
      }
      expect(readdirSync(folder).filter((name) => name.includes('corrupt'))).toEqual([]);
    }));

  it.skipIf(process.geteuid?.() === 0)('says that it may not be read', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      (await open(file)).store.close();
      chmodSync(file, 0);
      await expect(open(file)).rejects.toThrow(/cannot be opened/);
      expect(existsSync(file)).toBe(true);
    }),
  );

  it('refuses the database of another program and leaves it as it is', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'other.db');
      const other = new Sqlite(file);
      other.exec('CREATE TABLE theirs (x); PRAGMA user_version = 7');
      other.close();
      await expect(open(file)).rejects.toThrow(
        'is an SQLite database, but no store of this monitor',
      );
      const again = new Sqlite(file);
      expect(again.pragma('journal_mode', { simple: true })).toBe('delete');
      again.close();
    }));

  it('refuses tables of a newer version and leaves them as they are', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      (await open(file)).store.close();
      const newer = new Sqlite(file);
      newer.pragma('user_version = 2');
      newer.close();
      await expect(open(file)).rejects.toThrow(/its tables are version 2, this program knows 1/);
      await expect(open(file)).rejects.not.toBeInstanceOf(StoreBusy);
      expect(readdirSync(folder)).toContain('state.db');
    }));

  it.each([
    ['is not installed', () => Promise.reject(new Error('Cannot find package'))],
    [
      'was not compiled',
      () =>
        Promise.resolve({
          default: function Sqlite() {
            throw new Error('Could not locate the bindings file. Tried:\n → one\n → two');
          } as never,
        }),
    ],
  ])('says what to do when the package %s', (_, load) =>
    inFolder(async (folder) => {
      const refused = await open(join(folder, 'state.db'), { load }).catch((e: unknown) => e);
      expect(refused).toBeInstanceOf(StoreFailure);
      expect((refused as Error).message).toMatch(/^nothing can be stored: .*npm rebuild[^\n]*$/);
      expect(readdirSync(folder)).toEqual([]);
    }),
  );
});

describe('a store whose file is taken away while it is open', () => {
  it.each(['moved', 'replaced'])('is made anew with all that goes on: %s', (how) =>
    inFolder(async (folder) => {
      const { renameSync, copyFileSync } = await import('node:fs');
      const file = join(folder, 'state.db');
      const said: string[] = [];
      const options = {
        file,
        clock: new FakeClock(),
        onTrouble: (says: string) => said.push(says),
      };
      const ledger = await Ledger.open(options);
      ledger.commit({ documents: { a: 1, b: 1 }, deliveries: [delivery()] });
      renameSync(file, `${file}.elsewhere`);
      renameSync(`${file}-wal`, `${file}.elsewhere-wal`);
      if (how === 'replaced') copyFileSync(`${file}.elsewhere`, file);
      expect(ledger.commit({ documents: { b: 2 }, journal: [entry(1)] })).toBe(true);
      expect(said).toEqual([
        `${file}: was ${how === 'moved' ? 'removed' : how} while the monitor had it open; ` +
          'what goes on was written into a new one, without what the journal held',
      ]);
      expect(ledger.trouble).toBeUndefined();
      ledger.close();
      const again = await Ledger.open(options);
      expect(again.document('a')).toBe(1);
      expect(again.document('b')).toBe(2);
      expect(again.deliveries()).toEqual([delivery()]);
      expect(again.journal({ most: 9 })).toEqual([entry(1)]);
      again.close();
    }),
  );
});
