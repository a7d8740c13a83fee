import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { builds } from './builds.ts';

/*
 * `npm run test:versions [-- FILE]`: installs PostgreSQL of every major version into this folder, runs the
 * matrix, prints a table of versions and cases, and writes it to FILE. Exit status 1 when a case failed.
 */

interface Case {
  readonly major: number;
  readonly name: string;
  readonly state: 'pass' | 'FAIL';
}

const FOLDER = import.meta.dirname;
const ROOT = join(FOLDER, '..', '..');

function install(): void {
  if (existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) return;
  console.log('installing PostgreSQL of nine major versions (550 MB on disk, once) …');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts'], {
    cwd: FOLDER,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`npm ci in ${FOLDER} ended with ${status ?? 'a signal'}`);
}

/** The newest result of each case, and whether all of them passed. */
function runMatrix(majors: readonly number[]): readonly Case[] {
  const folder = mkdtempSync(join(tmpdir(), 'maasha-versions-'));
  const results = join(folder, 'results');
  writeFileSync(results, '');
  try {
    const config = join(FOLDER, 'vitest.config.ts');
    for (const major of majors) {
      console.log(`PostgreSQL ${major} …`);
      const matrix = [
        'vitest',
        'run',
        '--config',
        config,
        '--root',
        ROOT,
        '-t',
        `PostgreSQL ${major} `,
      ];
      spawnSync('npx', matrix, {
        cwd: ROOT,
        stdio: 'inherit',
        env: { ...process.env, MAASHA_VERSIONS_RESULTS: results },
      });
    }
    const lines = readFileSync(results, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Case);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A case that is missing has not run: that is not health either. */
function tableOf(cases: readonly Case[], majors: readonly number[]): string {
  const names = [...new Set(cases.map(({ name }) => name))];
  const table = new Table({
    head: ['PostgreSQL', ...majors.map(String)],
    style: { head: [], border: [], compact: true },
  });
  for (const name of names) {
    const states = majors.map(
      (major) =>
        cases.find((each) => each.name === name && each.major === major)?.state ?? 'NOT RUN',
    );
    table.push([name, ...states]);
  }
  const good = cases.filter(({ state }) => state === 'pass').length;
  return `${table.toString()}\n${good} of ${names.length * majors.length} passed, on a primary and a standby of each version\n`;
}

install();
const majors = builds().map(({ major }) => major);
const cases = runMatrix(majors);
const text = tableOf(cases, majors);
process.stdout.write(text);
const [file] = process.argv.slice(2);
if (file !== undefined) writeFileSync(file, text);
const names = new Set(cases.map(({ name }) => name));
const whole = cases.length > 0 && cases.length === names.size * majors.length;
process.exitCode = whole && cases.every(({ state }) => state === 'pass') ? 0 : 1;
