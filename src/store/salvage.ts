import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Instant } from '../core/time.ts';
import { openSqlite } from './sqlite.ts';
import type { Change } from './store.ts';

/**
 * What is in a store that cannot be opened where it is (SQLite needs to write even to read a log):
 * read from a copy in the folder for temporary files, which only we may enter and which is removed again.
 *
 * @returns undefined when there is nothing, or nothing that can be read.
 */
export async function salvage(
  file: string,
  { clock, recent, lines }: { clock: Pick<Clock, 'now'>; recent: Instant; lines: number },
): Promise<Change | undefined> {
  if (!existsSync(file)) return undefined;
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'maasha-'));
    const copy = join(folder, 'state.db');
    for (const end of ['', '-wal']) {
      if (existsSync(file + end)) copyFileSync(file + end, copy + end);
    }
    const { store } = await openSqlite(copy, { clock });
    const found = { ...store.load(recent), journal: store.journal({ most: lines }) };
    store.close();
    return found;
  } catch {
    return undefined;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
