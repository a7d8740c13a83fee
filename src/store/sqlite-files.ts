import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { isoTime, type Instant } from '../core/time.ts';
import { StoreFailure, StoreGone, wordsOf } from './failure.ts';

/** What SQLite keeps beside a database. The log comes first, see `moveAside`. */
const BESIDE = ['-wal', '-journal', '-shm'] as const;

const LOG_HEADER_OCTETS = 32;
/** The first four octets of a write-ahead log (SQLite file format, section 4.1). */
const LOG_MAGIC: readonly number[] = [0x377f_0682, 0x377f_0683];

/** A folder that only its owner may enter, if there is none yet. @throws StoreFailure */
export function makeFolder(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreFailure(`${file}: its folder cannot be made: ${wordsOf(error)}`, error);
  }
}

const sizeOf = (file: string): number | undefined =>
  statSync(file, { throwIfNoEntry: false })?.size;

/** How the files look before SQLite touches them. */
export type Look = 'there' | 'missing' | 'empty' | 'log without database' | 'log is garbage';

/**
 * What SQLite would pass over in silence: it takes an empty file for a new database and then deletes
 * the log beside it, and takes a log whose header it does not know for an empty one.
 */
export function lookAt(file: string): Look {
  const size = sizeOf(file);
  const log = sizeOf(`${file}-wal`) ?? 0;
  if (size === undefined) return log === 0 ? 'missing' : 'log without database';
  // Ours come into being by a rename, whole: one that is empty has lost what it held.
  if (size === 0) return 'empty';
  return log >= LOG_HEADER_OCTETS && isGarbage(`${file}-wal`) ? 'log is garbage' : 'there';
}

function isGarbage(log: string): boolean {
  const header = Buffer.alloc(LOG_HEADER_OCTETS);
  const descriptor = openSync(log, 'r');
  try {
    readSync(descriptor, header, 0, LOG_HEADER_OCTETS, 0);
  } finally {
    closeSync(descriptor);
  }
  // All zeros: the power failed before the first commit after a checkpoint was on the disk.
  return !LOG_MAGIC.includes(header.readUInt32BE()) && header.some((octet) => octet !== 0);
}

/**
 * Moves a database and what belongs to it out of the way; returns where it is now. Under its new name
 * the sqlite3 tools still find its log, which goes first: without it the database would be taken for whole.
 */
export function moveAside(
  file: string,
  now: Instant,
  only: readonly ('' | (typeof BESIDE)[number])[] = [...BESIDE, ''],
): string {
  const target = unused(`${file}.corrupt-${isoTime(now)}`);
  for (const end of only) {
    if (existsSync(file + end)) renameSync(file + end, target + end);
  }
  return target;
}

function unused(name: string): string {
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (['', ...BESIDE].every((end) => !existsSync(candidate + end))) return candidate;
  }
}

/** Makes the file whole or not at all: `build` writes it under another name, and closes it. */
export function createWhole(file: string, build: (unfinished: string) => void): void {
  const unfinished = `${file}.new`;
  for (const end of ['', ...BESIDE]) rmSync(unfinished + end, { force: true });
  closeSync(openSync(unfinished, 'wx', 0o600));
  build(unfinished);
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Returns what throws StoreGone once the file is not the one any more that it is now. */
export function watchIdentity(file: string): () => void {
  const { ino, dev } = statSync(file);
  return () => {
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.ino === ino && found.dev === dev) return;
    const how = found === undefined ? 'removed' : 'replaced';
    throw new StoreGone(`${file}: was ${how} while the monitor had it open`);
  };
}
