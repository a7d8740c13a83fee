import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type SqliteModule from 'better-sqlite3';
import type { Seconds } from '../core/time.ts';
import { StoreBusy, StoreFailure, wordsOf } from './failure.ts';

export type Sqlite = typeof SqliteModule;

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

export const isBusy = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY');

/** The process that says it has the store; only for people, the lock decides. */
export function ownerOf(file: string): number | undefined {
  try {
    const owner = Number(readFileSync(`${file}.owner`, 'utf8'));
    return Number.isInteger(owner) && owner > 0 ? owner : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes this process the only one that opens, mends or moves the store, until the returned function
 * is called or the process ends in whatever way: SQLite's lock on an empty file beside it, which is
 * never written and never removed. The store's own lock cannot do it: it goes with the file that is moved.
 *
 * @throws StoreBusy when another process has it; StoreFailure when the lock cannot be had.
 */
export function own(Sqlite: Sqlite, file: string, patience: Seconds): () => void {
  const lock = hold(Sqlite, file, patience);
  try {
    writeFileSync(`${file}.owner`, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    // A full disk: then nobody can be told who it is.
  }
  return () => {
    rmSync(`${file}.owner`, { force: true });
    lock.close();
  };
}

function hold(Sqlite: Sqlite, file: string, patience: Seconds): Database {
  const path = `${file}.lock`;
  let lock: Database | undefined;
  try {
    // Not when it is there: closing it again would drop a lock that this process has on it.
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
    lock = new Sqlite(path, { timeout: patience * 1000 });
    // Else the lock on an empty file begins with a journal.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (isBusy(error)) throw new StoreBusy(file, ownerOf(file), error);
    throw new StoreFailure(`${path}: cannot be locked: ${wordsOf(error)}`, error);
  }
}
