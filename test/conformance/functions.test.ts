import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadChecks } from '../../src/runtime/catalogue.ts';

/*
 * The set-up that is watched, function by function (functions.jsonl): the rule that tells when it is gone, the
 * fault of the lab that takes it away, and how long the running service took to see that. The times are those
 * that `npm run lab -- detect --out test/lab/detected.jsonl` measured.
 */

interface Provided {
  /** What the set-up provides, in its operators' words. */
  readonly provides: string;
  readonly rule: string;
  readonly fault: string;
}

interface Detected {
  readonly fault: string;
  readonly rule: string;
  readonly seen: number;
  readonly fired?: number;
}

const read = (file: string): readonly unknown[] =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);

const FUNCTIONS = read('functions.jsonl') as readonly Provided[];
const DETECTED = read('../lab/detected.jsonl') as readonly Detected[];
const TABLE = new URL('../../checks/FUNCTIONS.md', import.meta.url);

const checks = await loadChecks();
const ownerOf = (name: string) =>
  checks.flatMap((check) =>
    check.rules.filter((rule) => rule.name === name).map((rule) => ({ check, rule })),
  )[0];

const timeOf = ({ fault, rule }: Provided): Detected | undefined =>
  DETECTED.findLast((each) => each.fault === fault && each.rule === rule);

const inSeconds = (value: number | undefined): string =>
  value === undefined ? 'not measured' : `${Math.round(value)} s`;

const row = (provided: Provided): string => {
  const owner = ownerOf(provided.rule);
  const time = timeOf(provided);
  const runbook = `[\`${provided.rule}\`](../alerts/runbooks/${provided.rule}.md)`;
  return `| ${provided.provides} | \`${owner?.check.name}\` | \`${owner?.rule.metric.name}\` | ${runbook} | \`${provided.fault}\` | ${inSeconds(time?.seen)} | ${inSeconds(time?.fired)} |`;
};

const table = (): string =>
  [
    '# The set-up, function by function',
    '',
    'Made from `test/conformance/functions.jsonl` (`MAASHA_GOLDEN=write npx vitest run test/conformance/functions.test.ts`).',
    'Each rule has the runbook that it links to. _Seen_ is the time from the fault in the lab to the first look of the running',
    'service that saw it, _alert_ until the alert fired, what the rule waits for included: one run each (`npm run lab -- detect`),',
    'on a machine of two cores that other work used as well.',
    '',
    '| what the set-up provides | check | metric | rule and runbook | fault of the lab | seen | alert |',
    '| --- | --- | --- | --- | --- | --: | --: |',
    ...FUNCTIONS.map(row),
    '',
  ].join('\n');

describe.each(FUNCTIONS.map((each) => [each.provides, each] as const))('%s', (_, provided) => {
  it('is watched by a rule of a check, which has a runbook', () => {
    expect(ownerOf(provided.rule)?.rule.name).toBe(provided.rule);
    expect(existsSync(`alerts/runbooks/${provided.rule}.md`)).toBe(true);
  });

  it('can be taken away in the lab, which that rule then tells', async () => {
    const fault = (await import(`../lab/faults/${provided.fault}.ts`)) as {
      readonly default: {
        readonly sees: readonly string[];
        readonly fromHistory?: readonly string[];
      };
    };
    const { sees, fromHistory = [] } = fault.default;
    const told = [...sees, ...fromHistory].map((each) => each.split(' ')[0]);
    expect(told).toContain(provided.rule);
  });

  it('was not seen to be gone before it was', () => {
    const { seen, fired = seen } = timeOf(provided) ?? { seen: 1 };
    expect(seen).toBeGreaterThan(0);
    expect(fired).toBeGreaterThanOrEqual(seen);
  });
});

it('the table that people read is made from it', () => {
  if (process.env['MAASHA_GOLDEN'] === 'write') writeFileSync(TABLE, table());
  expect(readFileSync(TABLE, 'utf8')).toBe(table());
});
