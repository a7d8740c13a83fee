import type { Database } from 'better-sqlite3';
import { seconds, type Clock, type Seconds } from '../core/time.ts';
import { StoreBusy, StoreFailure, wordsOf } from './failure.ts';
import { createWhole, lookAt, makeFolder, moveAside, watchIdentity } from './sqlite-files.ts';
import { codeOf, isBusy, own, ownerOf, type Sqlite } from './sqlite-lock.ts';
import { SqliteStore } from './sqlite-store.ts';
import { assertOurs, createTables } from './sqlite-tables.ts';
import type { Store } from './store.ts';

/** A file that could not be read and was moved aside; nothing of it was deleted. */
export interface Replaced {
  readonly movedTo: string;
  /** What was found, and what that means for the state: a sentence. */
  readonly why: string;
}

export interface Opened {
  readonly store: Store;
  readonly replaced?: Replaced;
  /** Once the store is closed: opens it again, or makes a new one where it was. @throws as `openSqlite` does. */
  readonly again: () => Opened;
}

export interface SqliteOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** For a look while no monitor runs: nothing is mended or written (SQLite may leave an empty -wal and -shm). */
  readonly readOnly?: boolean;
  /** How long another process is given to let go of the file. */
  readonly patience?: Seconds;
  /** The package; a test can take it away. */
  readonly load?: () => Promise<{ readonly default: Sqlite }>;
}

/**
 * Opens the store in this file and makes it, if there is none: folder 0700, file 0600. One process
 * at a time. What cannot be read as a store is moved aside.
 *
 * @throws StoreBusy when another process has it; StoreFailure for all else, with what to do.
 */
export async function openSqlite(file: string, options: SqliteOptions): Promise<Opened> {
  const Sqlite = await loaded(options.load);
  const again = (): Opened => ({
    ...(options.readOnly === true ? toRead : toWrite)(Sqlite, file, options),
    again,
  });
  return again();
}

async function loaded(
  load: SqliteOptions['load'] = () => import('better-sqlite3'),
): Promise<Sqlite> {
  try {
    const { default: Sqlite } = await load();
    // The package alone says nothing: its compiled part is loaded with the first database.
    new Sqlite(':memory:').close();
    return Sqlite;
  } catch (error) {
    throw new StoreFailure(
      `nothing can be stored: the package better-sqlite3 is not installed, or not compiled for this ` +
        `Node (${process.version}): run \`npm rebuild better-sqlite3\` (${firstLine(error)})`,
      error,
    );
  }
}

const firstLine = (error: unknown): string => wordsOf(error).split('\n', 1)[0] ?? '';

type Found = Omit<Opened, 'again'>;

const PATIENCE = seconds(2);

function toRead(Sqlite: Sqlite, file: string, { patience = PATIENCE }: SqliteOptions): Found {
  let database: Database | undefined;
  try {
    const found = lookAt(file);
    if (found === 'missing') throw new StoreFailure(`${file}: there is no store yet`);
    if (found !== 'there') throw new Unsound(found);
    database = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: patience * 1000 });
    assertOurs(database, file);
    const forbid = (): void => {
      throw new StoreFailure(`${file}: is open for reading only`);
    };
    return { store: new SqliteStore(database, forbid, () => undefined) };
  } catch (error) {
    database?.close();
    throw inWords(error, file);
  }
}

function toWrite(Sqlite: Sqlite, file: string, options: SqliteOptions): Found {
  const { clock, patience = PATIENCE } = options;
  makeFolder(file);
  const release = own(Sqlite, file, patience);
  try {
    const mended = mend(Sqlite, file, patience, clock);
    const { database, ...rest } = mended;
    return { store: new SqliteStore(database, watchIdentity(file), release), ...rest };
  } catch (error) {
    release();
    throw inWords(error, file);
  }
}

/** The database of the file, or a fresh one in its place. */
function mend(
  Sqlite: Sqlite,
  file: string,
  patience: Seconds,
  clock: SqliteOptions['clock'],
): { readonly database: Database; readonly replaced?: Replaced } {
  const first = setRight(file, clock);
  // Without its log a database may be half of a checkpoint: then each index is held against its table.
  const check = first === undefined ? 'quick_check' : 'integrity_check';
  const sound = openSound(Sqlite, file, patience, check);
  if (sound.is === 'open') return { ...sound, ...first };
  // Moved before it is closed: SQLite deletes the log of what it closes, by its old name.
  const movedTo = moveAside(file, clock.now());
  sound.database.close();
  const fresh = openSound(Sqlite, file, patience, 'quick_check');
  if (fresh.is === 'open') {
    const why = `it is damaged: ${sound.why}; the monitor begins with an empty store`;
    return { database: fresh.database, replaced: { movedTo, why } };
  }
  fresh.database.close();
  throw new StoreFailure(`${file}: a fresh store is damaged at once: ${fresh.why}; see the disk`);
}

/** Moves aside what SQLite would pass over or overwrite. */
function setRight(
  file: string,
  clock: SqliteOptions['clock'],
): { readonly replaced: Replaced } | undefined {
  const found = lookAt(file);
  switch (found) {
    case 'there':
    case 'missing':
      return undefined;
    case 'empty':
    case 'log without database': {
      const movedTo = moveAside(file, clock.now());
      const what =
        found === 'empty'
          ? 'the file is empty'
          : 'the file is gone and its write-ahead log is still there';
      return { replaced: { movedTo, why: `${what}; the monitor begins with an empty store` } };
    }
    case 'log is garbage': {
      const movedTo = moveAside(file, clock.now(), ['-wal', '-shm']);
      const why =
        'its write-ahead log is garbage; the state is that of the last checkpoint, what came after is lost';
      return { replaced: { movedTo: `${movedTo}-wal`, why } };
    }
  }
}

/** What is in the file is not a whole store. */
class Unsound extends Error {}

/** `unsound` when the file can be read and what is in it makes no sense; it is open all the same. */
function openSound(
  Sqlite: Sqlite,
  file: string,
  patience: Seconds,
  check: 'quick_check' | 'integrity_check',
):
  | { readonly is: 'open'; readonly database: Database }
  | { readonly is: 'unsound'; readonly database: Database; readonly why: string } {
  if (lookAt(file) === 'missing')
    createWhole(file, (path) => {
      build(Sqlite, path);
    });
  const database = new Sqlite(file, { timeout: patience * 1000 });
  try {
    // Before anything is read: the log's index then needs no file, and nobody else may even look.
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE; COMMIT');
    const found = database.pragma(check, { simple: true });
    if (found !== 'ok') throw new Unsound(String(found));
    assertOurs(database, file);
    assertReadable(database);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    return { is: 'open', database };
  } catch (error) {
    if (isUnsound(error)) return { is: 'unsound', database, why: wordsOf(error) };
    database.close();
    throw error;
  }
}

function build(Sqlite: Sqlite, path: string): void {
  const fresh = new Sqlite(path);
  try {
    fresh.pragma('journal_mode = WAL');
    createTables(fresh);
  } finally {
    fresh.close();
  }
}

/** One read of everything that a start needs: the check of the pages does not see what is in them. */
function assertReadable(database: Database): void {
  for (const [table, column] of Object.entries(TEXTS)) {
    const broken = counted(
      database,
      `SELECT count(*) FROM ${table} WHERE NOT json_valid(${column})`,
    );
    if (broken !== 0) throw new Unsound(`${String(broken)} of its ${table} cannot be read`);
  }
}

const TEXTS = { documents: 'value', deliveries: 'value', journal: 'says' };

function counted(database: Database, sql: string): unknown {
  try {
    return database.prepare(sql).pluck().get();
  } catch (error) {
    // The question is right: what it asks for is not there.
    throw codeOf(error) === 'SQLITE_ERROR' ? new Unsound(wordsOf(error)) : error;
  }
}

const isUnsound = (error: unknown): boolean =>
  error instanceof Unsound || /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));

function inWords(error: unknown, file: string): unknown {
  if (error instanceof StoreFailure) return error;
  if (isBusy(error)) return new StoreBusy(file, ownerOf(file), error);
  if (isUnsound(error)) {
    const words = `${file}: is damaged: ${wordsOf(error)}; the monitor moves it aside when it starts`;
    return new StoreFailure(words, error);
  }
  return new StoreFailure(
    `${file}: cannot be opened: ${wordsOf(error)}; see who may write there and whether there is room`,
    error,
  );
}
