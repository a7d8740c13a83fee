import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { identityLabels } from '../../alerts/identity.ts';
import type { Check } from '../../src/core/check.ts';
import { stateset } from '../../src/core/metric.ts';
import type { Rule } from '../../src/core/rule.ts';
import { seconds } from '../../src/core/time.ts';
import { DELIVERED } from '../../src/generate/artifacts.ts';
import { declaredBy } from '../../src/generate/declared.ts';
import { annotationsOf } from '../../src/generate/prometheus/annotations.ts';
import { explanationsOf } from '../../src/generate/prometheus/explanations.ts';
import { expressionOf } from '../../src/generate/prometheus/expression.ts';
import { rules as generate } from '../../src/generate/prometheus/rules.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { customise } from '../../src/runtime/customise.ts';
import { testCheck, tooHigh } from '../support/checks.ts';

interface Alerting {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

async function generated(checks: readonly Check[]): Promise<ReadonlyMap<string, Alerting>> {
  const files = await generate(declaredBy(checks), DELIVERED);
  const groups = files.flatMap(
    ({ text }) => (parse(text) as { groups: { rules: Alerting[] }[] }).groups,
  );
  return new Map(groups.flatMap(({ rules }) => rules).map((rule) => [rule.alert, rule]));
}

const check = testCheck();
const role = stateset({
  name: 'maasha_test_role',
  help: 'A role.',
  labels: ['node'],
  states: ['primary', 'standby'],
});
const linesOf = (changes: Partial<Rule>): readonly string[] =>
  expressionOf({ rule: { ...tooHigh, ...changes }, check }).split('\n');
const SEEN = 'last_over_time(maasha_test_value[45s])';

describe('the expression of a rule', () => {
  it.each([
    ['above', { when: { above: 10 } }, `max by (region, node) (${SEEN} > 10)`],
    ['below', { when: { below: 3 } }, `min by (region, node) (${SEEN} < 3)`],
    ['equal', { when: { equal: 0 } }, `max by (region, node) (${SEEN} == 0)`],
    [
      'where',
      { where: { node: 'rc1' } },
      'max by (region) (last_over_time(maasha_test_value{node="rc1"}[45s]) > 10)',
    ],
    [
      'of a state',
      { metric: role, where: { state: 'primary' }, when: { equal: 0 } },
      'max by (region, node) (last_over_time(maasha_test_role{state="primary"}[45s]) == 0)',
    ],
  ] satisfies [string, Partial<Rule>, string][])(
    'begins with what is bad: %s',
    (_, rule, first) => {
      expect(linesOf(rule)[0]).toBe(first);
    },
  );

  it.each([
    [
      'above',
      { clear: { above: 20 }, when: { below: 10 } },
      `min by (region, node) (${SEEN} <= 20)`,
    ],
    ['below', { clear: { below: 5 } }, `max by (region, node) (${SEEN} >= 5)`],
    ['equal', { clear: { equal: 1 }, when: { equal: 0 } }, `max by (region, node) (${SEEN} != 1)`],
  ] satisfies [string, Partial<Rule>, string][])(
    'goes on until it is clear: %s',
    (_, rule, lingers) => {
      expect(
        linesOf(rule)
          .slice(1, 5)
          .map((line) => line.trim()),
      ).toEqual([
        'or (',
        lingers,
        'and on (region, node) ALERTS{alertname="MaasHaTestTooHigh"}',
        ')',
      ]);
    },
  );

  it('goes on through what is unknown, only from what fires', () => {
    expect(
      linesOf({})
        .slice(1)
        .map((line) => line.trim()),
    ).toEqual([
      'or (',
      'max by (region, node) (ALERTS{alertname="MaasHaTestTooHigh",alertstate="firing"}) * NaN',
      `unless on (region, node) ${SEEN}`,
      'unless on (region) (last_over_time(maasha_check_gaps{check="test"}[45s]) == 0)',
      'and on (region) last_over_time(maasha_check_gaps{check="test"}[1h])',
      ')',
      '',
    ]);
  });
});

describe('the rules of the catalogue', async () => {
  const catalogue = await loadChecks();
  const made = await generated(catalogue);
  const declared = declaredBy(catalogue).rules;

  it('keep the region and what identifies the alert, and nothing else', () => {
    for (const { rule } of declared) {
      const by = [...(made.get(rule.name)?.expr ?? '').matchAll(/ by \(([^)]*)\)/g)];
      expect(by.length).toBeGreaterThanOrEqual(2);
      for (const [, labels] of by)
        expect(labels, rule.name).toBe(['region', ...identityLabels(rule)].join(', '));
      expect(made.get(rule.name)?.labels).toEqual({ severity: rule.severity });
    }
  });

  it('fill every placeholder of their sentences with a label that they keep', () => {
    for (const { rule } of declared) {
      const { summary = '', runbook_url } = made.get(rule.name)?.annotations ?? {};
      expect(summary.replaceAll(/\{\{.*?\}\}/g, '')).not.toMatch(/[{}]/);
      const kept = ['region', ...identityLabels(rule)];
      for (const [, label] of summary.matchAll(/\$labels\.(\w+)/g)) expect(kept).toContain(label);
      expect(runbook_url).toContain(`/runbooks/${rule.name}?region=`);
    }
  });

  it('wait as long as they are declared to, and have no wait where that is none', () => {
    for (const { rule } of declared)
      expect(made.get(rule.name)?.for === undefined, rule.name).toBe(rule.for === 0);
  });
});

it('judges by the operator’s threshold, wait and severity', async () => {
  const rule = { above: 25, for: seconds(90), severity: 'warning' as const };
  const changes = { test: { enabled: true, rules: { MaasHaTestTooHigh: rule } } };
  const made = await generated(customise([check], changes));
  expect(made.get('MaasHaTestTooHigh')).toMatchObject({
    expr: expect.stringContaining('> 25)') as string,
    for: '90s',
    labels: { severity: 'warning' },
  });
});

it('refuses a sentence with a placeholder that is no label of the alert', () => {
  const rule: Rule = { ...tooHigh, summary: '{peer} has {value}' };
  expect(() => annotationsOf({ rule, check }, DELIVERED)).toThrow(
    'MaasHaTestTooHigh: its summary has {peer}; expected {value} or one of its labels node',
  );
});

it.each([
  ['every', { every: 'node' }],
  ['and', { and: [{ alert: 'MaasHaTestOther' }] }],
])('refuses a cause that needs several at once: %s', (word, several) => {
  const cause: Rule = { ...tooHigh, name: 'MaasHaTestCause' };
  const other: Rule = { ...tooHigh, name: 'MaasHaTestOther' };
  const rule: Rule = { ...tooHigh, inhibitedBy: [{ alert: 'MaasHaTestCause', ...several }] };
  expect(() => explanationsOf([rule, cause, other])).toThrow(
    new RegExp(`MaasHaTestTooHigh: MaasHaTestCause explains it only together.*\\(${word}\\)`),
  );
});
