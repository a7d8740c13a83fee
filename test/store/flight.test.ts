import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { FlightRecorder } from '../../src/store/flight.ts';
import { FakeClock } from '../support/clock.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true, force: true });
  }
});

function recorder(fileBytes = 1000, files = 2) {
  const base = mkdtempSync(join(tmpdir(), 'maasha-flight-'));
  folders.push(base);
  const folder = join(base, 'flight');
  const clock = new FakeClock();
  const troubles: string[] = [];
  const open = (): FlightRecorder =>
    new FlightRecorder({
      folder,
      clock,
      fileBytes,
      files,
      onTrouble: (says) => troubles.push(says),
    });
  return { base, folder, clock, troubles, open };
}

it('writes a line for each thing, and goes on with the same file after a restart', () => {
  const { folder, open } = recorder();
  open().write({ n: 1 });
  open().write({ n: 2 });
  expect(readFileSync(join(folder, 'flight.jsonl'), 'utf8')).toBe('{"n":1}\n{"n":2}\n');
});

it('is bounded: begins a new file when one is full, and keeps the newest ones only', () => {
  const { folder, clock, open } = recorder();
  const flight = open();
  for (let line = 0; line < 200; line += 1) {
    clock.advance(1);
    flight.write({ line, filler: 'x'.repeat(90) });
  }
  const files = readdirSync(folder).sort();
  expect(files).toHaveLength(3);
  const oldest = readFileSync(join(folder, files[0] ?? ''), 'utf8');
  expect(oldest).toMatch(/^\{"line":\d+,/);
  expect(oldest).not.toContain('"line":0,');
});

it('says once that it cannot write, and goes on when it can', () => {
  const { base, folder, troubles, open } = recorder();
  writeFileSync(join(base, 'flight'), 'no folder');
  const flight = open();
  flight.write({ n: 1 });
  flight.write({ n: 2 });
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toContain('cannot be recorded');
  rmSync(folder);
  open().write({ n: 3 });
  expect(readFileSync(join(folder, 'flight.jsonl'), 'utf8')).toBe('{"n":3}\n');
});
