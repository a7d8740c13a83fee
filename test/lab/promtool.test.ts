import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Rule } from '../../src/core/rule.ts';
import { artifacts } from '../../src/generate/artifacts.ts';
import { declaredBy } from '../../src/generate/declared.ts';
import { selector } from '../../src/generate/promql.ts';
import { expressionOf } from '../../src/generate/prometheus/expression.ts';
import { exampleOf } from '../../src/generate/prometheus/timeline.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';

/*
 * What is generated for Prometheus and Alertmanager, as their own tools judge it. It is made anew, so
 * that what is committed has no part in it.
 */

const TOOLS = { promtool: 'prometheus', amtool: 'prometheus-alertmanager' } as const;
const missing = Object.entries(TOOLS).filter(([tool]) => !existsSync(`/usr/bin/${tool}`));
const why =
  missing.length === 0
    ? undefined
    : `not installed: apt-get install ${missing.map(([, name]) => name).join(' ')}`;
const suffix = why === undefined ? '' : ` (${why})`;

const GENERATED = join('alerts', 'prometheus');

/** The tests of all rules play some hours each: a minute on a quiet machine. */
const PLAYED = 900_000;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

interface Group {
  readonly name: string;
  readonly rules: readonly { readonly alert: string }[];
}

interface Tests {
  readonly rule_files: readonly string[];
  readonly tests: readonly {
    readonly name: string;
    readonly alert_rule_test: readonly unknown[];
  }[];
}

describe.skipIf(why !== undefined)(`generated for Prometheus and Alertmanager${suffix}`, () => {
  let folder: string;
  const rules: { readonly group: Group; readonly alert: string }[] = [];
  const files = new Map<string, Tests>();

  const inFolder = (...path: readonly string[]): string => join(folder, ...path);
  const tool = (cwd: string, name: keyof typeof TOOLS, ...args: readonly string[]) => {
    const ran = spawnSync(`/usr/bin/${name}`, args, { cwd, encoding: 'utf8', timeout: PLAYED });
    const said = ran.stdout + ran.stderr;
    return { status: ran.status, said };
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'maasha-promtool-'));
    mkdirSync(inFolder('alone'));
    for (const { path, text } of await artifacts(['rules', 'rule-tests', 'alertmanager'])) {
      mkdirSync(inFolder(dirname(path)), { recursive: true });
      writeFileSync(inFolder(path), text);
      const document = parse(text) as unknown;
      if (path.includes('/rules/') && basename(path) !== 'inhibitors.yml') {
        for (const group of (document as { groups: readonly Group[] }).groups)
          for (const { alert } of group.rules) rules.push({ group, alert });
      } else if (path.includes('/tests/')) files.set(basename(path, '.yml'), document as Tests);
    }
    // promtool evaluates all rules that a file names, at each step. No rule of ours depends on another.
    for (const { group, alert } of rules) {
      const alone = { ...group, rules: group.rules.filter((rule) => rule.alert === alert) };
      writeFileSync(inFolder('alone', `${alert}.yml`), JSON.stringify({ groups: [alone] }));
    }
    for (const [alert, tests] of files) {
      const alone = { ...tests, rule_files: [`${alert}.yml`] };
      writeFileSync(inFolder('alone', `${alert}.test.yml`), JSON.stringify(alone));
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('has rules that promtool accepts, each name once', () => {
    const checked = tool(
      inFolder(GENERATED),
      'promtool',
      'check',
      'rules',
      ...readdirSync(inFolder(GENERATED, 'rules')).map((file) => join('rules', file)),
    );
    const found = [...checked.said.matchAll(/SUCCESS: (\d+) rules found/g)].map(([, n]) =>
      Number(n),
    );
    expect(found.reduce((sum, n) => sum + n)).toBeGreaterThan(rules.length);
    expect(checked.said).not.toMatch(/FAILED|duplicate/i);
    expect(checked.status).toBe(0);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    say(checked.said.trim());
  });

  it('has a configuration that amtool accepts', () => {
    const checked = tool(inFolder(GENERATED), 'amtool', 'check-config', 'alertmanager.yml');
    expect(checked.said).toMatch(/SUCCESS[^]*\n - \d+ inhibit rules\n - 3 receivers/);
    expect(checked.status).toBe(0);
    say(checked.said.trim());
  });

  it('has tests of every rule of every check, which name the rules that are committed', async () => {
    const declared = declaredBy(await loadChecks());
    expect([...files.keys()].toSorted()).toEqual(
      declared.rules.map(({ rule }) => rule.name).toSorted(),
    );
    for (const [alert, { rule_files, tests }] of files) {
      const home = declared.rules.find(({ rule }) => rule.name === alert)?.check.name;
      expect(rule_files, alert).toEqual([`../rules/${home}.yml`]);
      expect(tests.length, alert).toBeGreaterThanOrEqual(3);
    }
  });

  it(
    'has rules that do what their tests say',
    () => {
      const before = process.hrtime.bigint();
      const names = readdirSync(inFolder('alone')).filter((name) => name.endsWith('.test.yml'));
      const played = tool(inFolder('alone'), 'promtool', 'test', 'rules', ...names);
      expect(failures(played.said)).toEqual([]);
      expect(played.status).toBe(0);
      expect(played.said.match(/SUCCESS/g)).toHaveLength(names.length);
      const tests = [...files.values()].flatMap((each) => each.tests);
      const looks = tests.flatMap((each) => each.alert_rule_test);
      const took = Number(process.hrtime.bigint() - before) / 1e9;
      say(
        `promtool test rules: ${names.length} files, ${tests.length} tests, ${looks.length} looks at alerts, in ${took.toFixed(0)} s`,
      );
    },
    PLAYED,
  );

  it('plays a test beside all rules of its check, as the files are committed', () => {
    const [[alert, file] = []] = files;
    const [first] = file?.tests ?? [];
    const beside = inFolder(GENERATED, 'tests', `${alert}.first.yml`);
    writeFileSync(beside, JSON.stringify({ ...file, tests: [first] }));
    const played = tool(dirname(beside), 'promtool', 'test', 'rules', basename(beside));
    expect(failures(played.said)).toEqual([]);
    expect(played.status).toBe(0);
  });

  it('raises of two monitors that see it differently bad what the worse one sees', async () => {
    const { rules: all } = declaredBy(await loadChecks());
    const judged = all.flatMap(({ rule, check }) => {
      const worse = worseThan(rule);
      return worse === undefined ? [] : [{ rule, check, ...worse }];
    });
    expect(judged.length).toBeGreaterThan(10);
    const tests = judged.map(({ rule, check, bad, worst }) => ({
      name: rule.name,
      interval: '15s',
      input_series: [bad, worst, rule.name.length % 2 === 0 ? bad : worst].map((value, index) => ({
        series: selector(rule.metric, {
          ...exampleOf(rule),
          ...rule.where,
          job: 'maasha',
          instance: `monitor-${index}:9877`,
        }),
        values: String(value),
      })),
      promql_expr_test: [
        {
          expr: expressionOf({ rule, check }),
          eval_time: '0s',
          exp_samples: [{ labels: selector('', exampleOf(rule)), value: worst }],
        },
      ],
    }));
    writeFileSync(inFolder('worst.test.yml'), JSON.stringify({ rule_files: [], tests }));
    const played = tool(folder, 'promtool', 'test', 'rules', 'worst.test.yml');
    expect(failures(played.said)).toEqual([]);
    expect(played.status).toBe(0);
  });

  it.each([
    ['helpers that stand beside their causes, with the labels of what they explain', 'inhibitors'],
    ['rules that notice a monitor, or a check, of which nothing is heard', 'freshness'],
  ])('has %s', (_, name) => {
    const beside = inFolder(GENERATED, 'rules', `${name}.test.yml`);
    copyFileSync(join(import.meta.dirname, 'promtool', basename(beside)), beside);
    const played = tool(dirname(beside), 'promtool', 'test', 'rules', basename(beside));
    expect(failures(played.said)).toEqual([]);
    expect(played.status).toBe(0);
  });
});

/** What promtool complains of, the first lines of each. */
const failures = (said: string): readonly string[] =>
  said
    .split(/^Unit Testing: /m)
    .filter((part) => part.includes('FAILED'))
    .map((part) => part.slice(0, 1500));

/** Two bad values of a rule that has a threshold, the second one worse; of a rule for one value, none. */
function worseThan({ when }: Rule): { readonly bad: number; readonly worst: number } | undefined {
  if ('above' in when) return { bad: when.above + 1, worst: when.above + 2 };
  if ('below' in when) return { bad: when.below - 1, worst: when.below - 2 };
  return undefined;
}
