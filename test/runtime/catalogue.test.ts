import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gauge } from '../../src/core/metric.ts';
import { allMetrics, loadChecks, validate } from '../../src/runtime/catalogue.ts';
import { testCheck, tooHigh } from '../support/checks.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maasha-checks-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A check file as small as it can be. */
const file = (name: string, needs: readonly string[] = [], text?: string): void => {
  const source = `export default { name: '${name}', about: '', every: '1s', timeout: 1, metrics: [], rules: [], needs: ${JSON.stringify(needs)}, run: async () => [] };`;
  writeFileSync(join(folder, `${name}.ts`), text ?? source);
};

describe('the folder is the registry', () => {
  it('finds every file, those that others need first', async () => {
    file('a-derived', ['z-base']);
    file('m-other');
    file('z-base');
    expect((await loadChecks(folder)).map(({ name }) => name)).toEqual([
      'm-other',
      'z-base',
      'a-derived',
    ]);
  });

  it('refuses a circle', async () => {
    file('one', ['two']);
    file('two', ['one']);
    await expect(loadChecks(folder)).rejects.toThrow(/circle: one needs two; two needs one/);
  });

  it('refuses a need that nobody fills', async () => {
    file('one', ['nobody']);
    await expect(loadChecks(folder)).rejects.toThrow(
      /no check is named nobody \(one needs nobody\)/,
    );
  });

  it('refuses a file without a check, by its name', async () => {
    file('empty', [], 'export const nothing = 1;');
    await expect(loadChecks(folder)).rejects.toThrow(
      'checks/empty: expected a default export made by defineCheck',
    );
  });
});

it('names the file that cannot even be imported', async () => {
  file('broken', [], 'throw new Error("oops");');
  await expect(loadChecks(folder)).rejects.toThrow(
    'checks/broken: cannot be imported: Error: oops',
  );
});

describe('validate', () => {
  it('refuses a check that is not named as its file', () => {
    expect(() => validate('vip', testCheck())).toThrow('checks/vip: its name is "test"');
  });

  it('refuses a rule on a metric of somebody else', () => {
    const foreign = gauge({ name: 'maasha_foreign', help: 'Foreign.', labels: [] });
    const check = testCheck({ rules: [{ ...tooHigh, metric: foreign }] });
    expect(() => validate('test', check)).toThrow(/judges maasha_foreign/);
  });
});

it('refuses a metric that two checks declare', () => {
  const twin = gauge({ name: 'maasha_test_value', help: 'Another.', labels: [] });
  const checks = [testCheck(), testCheck({ name: 'twin', metrics: [twin], rules: [] })];
  expect(() => allMetrics(checks)).toThrow('maasha_test_value is declared twice');
});
