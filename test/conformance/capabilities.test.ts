import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alertMetrics } from '../../src/runtime/alert-metrics.ts';
import { universalMetrics } from '../../src/core/universal.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';

/*
 * What a monitor of such a region should be able to do, row by row (capabilities.jsonl): which metric shows
 * it, which rule judges it, and what proves it. A fault is a file of the lab; a test is a file below test/.
 * The numbers are those of the survey of existing tools that the list came from.
 */

interface Capability {
  readonly row: number;
  readonly can: string;
  readonly metrics?: readonly string[];
  readonly rules?: readonly string[];
  readonly faults?: readonly string[];
  readonly tests?: readonly string[];
  /** Why it cannot, in plain words: a gap that is named. */
  readonly not?: string;
}

const CAPABILITIES = readFileSync(new URL('capabilities.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as Capability);

const checks = await loadChecks();
const metrics = new Set(
  [...checks.flatMap((check) => check.metrics), ...universalMetrics, ...alertMetrics].map(
    ({ name }) => name,
  ),
);
const rules = new Set<string>(checks.flatMap((check) => check.rules.map(({ name }) => name)));
const TABLE = new URL('../../checks/CAPABILITIES.md', import.meta.url);

const code = (names: readonly string[] = []): string =>
  names.map((name) => `\`${name}\``).join(', ') || '–';

const proofOf = ({ faults = [], tests = [], not }: Capability): string =>
  [
    ...faults.map((name) => `fault \`${name}\``),
    ...tests.map((file) => `\`test/${file}\``),
    ...(not === undefined ? [] : [`**not yet:** ${not}`]),
  ].join(', ');

const table = (): string =>
  [
    '# What is watched, and what proves it',
    '',
    'Made from `test/conformance/capabilities.jsonl` (`MAASHA_GOLDEN=write npx vitest run test/conformance/capabilities.test.ts`).',
    'A fault is one of the lab of real components (`npm run lab -- fault NAME`, `npm run test:lab`); rows',
    'without a rule are shown, and alarm nobody by themselves.',
    '',
    '| # | what | metric | rule | proof |',
    '| --: | --- | --- | --- | --- |',
    ...CAPABILITIES.map(
      (each) =>
        `| ${each.row} | ${each.can} | ${code(each.metrics)} | ${code(each.rules)} | ${proofOf(each)} |`,
    ),
    '',
  ].join('\n');

describe.each(CAPABILITIES.map((each) => [`${each.row}: ${each.can}`, each] as const))(
  '%s',
  (_, { metrics: shown = [], rules: judged = [], faults = [], tests = [], not }) => {
    it('names metrics, rules, faults and tests that exist', () => {
      for (const name of shown) expect(metrics).toContain(name);
      for (const name of judged) expect(rules).toContain(name);
      for (const name of faults) expect(existsSync(`test/lab/faults/${name}.ts`), name).toBe(true);
      for (const file of tests) expect(existsSync(`test/${file}`), file).toBe(true);
    });

    it('is shown and proven, or says plainly that it is not', () => {
      if (not === undefined) expect(faults.length + tests.length).toBeGreaterThan(0);
      else expect(not.length).toBeGreaterThan(10);
    });
  },
);

it('no row stands twice', () => {
  const numbers = CAPABILITIES.map(({ row }) => row);
  expect(new Set(numbers).size).toBe(numbers.length);
});

it('the table that people read is made from it', () => {
  if (process.env['MAASHA_GOLDEN'] === 'write') writeFileSync(TABLE, table());
  expect(readFileSync(TABLE, 'utf8')).toBe(table());
});
