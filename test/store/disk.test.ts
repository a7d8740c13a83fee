import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Ledger } from '../../src/store/ledger.ts';
import { FakeClock } from '../support/clock.ts';
import { delivery, entry, inFolder } from './samples.ts';

/** Runs a script with a file system of one megabyte in the folder, that nobody else sees. */
function onSmallDisk(folder: string, script: string, options = 'size=1m') {
  return spawnSync(
    'unshare',
    [
      ...(process.geteuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user']),
      ...['sh', '-ec'],
      `mount -t tmpfs -o ${options} tmpfs "$1"; exec "$2" --import tsx "$3" "$1"`,
      ...['sh', folder, process.execPath, fileURLToPath(new URL(script, import.meta.url))],
    ],
    { encoding: 'utf8' },
  );
}

const mayMount =
  spawnSync(
    'unshare',
    [
      ...(process.geteuid?.() === 0 ? ['--mount'] : ['--mount', '--map-root-user']),
      ...['mount', '-t', 'tmpfs', 'tmpfs', '/mnt'],
    ],
    { stdio: 'ignore' },
  ).status === 0;

describe.skipIf(!mayMount)('a ledger on a disk that is full', () => {
  it(
    'goes on in memory, and writes everything once there is room again',
    () =>
      inFolder((folder) => {
        const disk = join(folder, 'disk');
        mkdirSync(disk);
        const { stdout, stderr } = onSmallDisk(disk, 'full-disk.ts');
        expect(stderr.replaceAll(/^npm warn.*\n/gm, '')).toBe('');
        const numbers = (most: number) =>
          Array.from({ length: most }, (_, each) => each + 1).join(' ');
        const all = { count: 40, texts: 40, deliveries: 40, lines: numbers(40) };
        expect(JSON.parse(stdout)).toEqual({
          free: 0,
          openedWhenFull: { count: 10, texts: 10, deliveries: 10, lines: numbers(10) },
          lastDurable: false,
          inMemory: all,
          trouble: expect.stringMatching(
            /cannot be written since .*: .*SQLITE_FULL.* only in memory/,
          ) as string,
          retriedWhenFull: false,
          retriedWhenFreed: true,
          troubleWhenFreed: 'none',
          stored: all,
          said: [expect.stringMatching(/alerting goes on from memory$/)],
          mended: [expect.stringMatching(/nothing was lost$/)],
        });
      }),
    60_000,
  );
});

describe.skipIf(!mayMount)('a store on a disk that is read-only from the start', () => {
  it(
    'is refused in words, moved nowhere, and read all the same with what only its log holds',
    () =>
      inFolder((folder) => {
        const disk = join(folder, 'disk');
        mkdirSync(disk);
        const { stdout, stderr } = onSmallDisk(disk, 'read-only-disk.ts');
        expect(stderr.replaceAll(/^npm warn.*\n/gm, '')).toBe('');
        expect(JSON.parse(stdout)).toEqual({
          refused: expect.stringMatching(/^StoreFailure: .*state\.db/) as string,
          document: 1,
          deliveries: 1,
          lines: 1,
          durable: false,
          changed: 2,
          trouble: 'the disk is read-only',
          files: ['state.db', 'state.db-wal', 'work.db', 'work.db.lock'],
        });
      }),
    60_000,
  );
});

const change = (how: '+i' | '-i', files: readonly string[]): boolean =>
  spawnSync('chattr', [how, ...files], { stdio: 'ignore' }).status === 0;

/** Whether a file can be made unwritable even for those who have it open. */
const mayForbid = await inFolder((folder) => {
  const file = join(folder, 'file');
  const script = `exec 9>"$0"; chattr +i "$0"; if echo x >&9; then chattr -i "$0"; exit 1; else chattr -i "$0"; fi`;
  return spawnSync('sh', ['-ec', script, file], { stdio: 'ignore' }).status === 0;
});

describe.skipIf(!mayForbid)('a ledger whose files become read-only while they are open', () => {
  it('goes on in memory, and writes everything once they can be written again', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      const said: string[] = [];
      const options = {
        file,
        clock: new FakeClock(),
        onTrouble: (says: string) => said.push(says),
      };
      const ledger = await Ledger.open(options);
      ledger.commit({ documents: { a: 1 }, journal: [entry(1)] });
      const files = [file, `${file}-wal`];
      execFileSync('chattr', ['+i', ...files]);
      try {
        expect(ledger.commit({ documents: { a: 2 }, journal: [entry(2)] })).toBe(false);
        expect(ledger.commit({ deliveries: [delivery()], journal: [entry(3)] })).toBe(false);
        expect(ledger.retry()).toBe(false);
        expect(ledger.document('a')).toBe(2);
        expect(ledger.journal({ most: 9 })).toEqual([entry(1), entry(2), entry(3)]);
        expect(said).toHaveLength(1);
      } finally {
        change('-i', files);
      }
      expect(ledger.retry()).toBe(true);
      ledger.close();
      const again = await Ledger.open(options);
      expect(again.document('a')).toBe(2);
      expect(again.deliveries()).toEqual([delivery()]);
      expect(again.journal({ most: 9 })).toEqual([entry(1), entry(2), entry(3)]);
      again.close();
    }));
});
