import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { expressionsOf } from '../../grafana/expressions.ts';
import { FOREIGN } from '../../grafana/queries.ts';
import type { Metric } from '../../src/core/metric.ts';
import { declared, made } from './made.ts';
import { parsed, type Grouped, type Selected } from './parsed.ts';

/* What is asked of Prometheus is what is declared, and what is declared is shown. */

/** Declared, and on no dashboard, each with the reason. */
const DEBUG_ONLY: Readonly<Record<string, string>> = {};

const BY_NAME: ReadonlyMap<string, Metric> = new Map<string, Metric>(
  declared.metrics.map(({ metric }) => [metric.name, metric]),
);
const EVERY_LABEL = [...new Set(declared.metrics.flatMap(({ metric }) => metric.labels))];
const BY_SCRAPE = ['instance', 'job'];

const expressions = made.flatMap(expressionsOf);

/** The metric behind a name; parts of a histogram belong to it. */
const behind = (name: string): Metric | undefined =>
  BY_NAME.get(name) ?? BY_NAME.get(name.replace(/_(bucket|sum|count)$/, ''));

function labelsOf(name: string): readonly string[] | undefined {
  const metric = behind(name);
  if (metric !== undefined)
    return [
      ...metric.labels,
      ...BY_SCRAPE,
      ...(metric.ofProcess === true ? [] : ['region']),
      ...(name.endsWith('_bucket') ? ['le'] : []),
    ];
  // An alert has the labels of what its rule judges.
  if (name.startsWith('ALERTS')) return [...(FOREIGN[name] ?? []), ...EVERY_LABEL];
  return FOREIGN[name];
}

const undeclared = ({ name, matchers }: Selected): readonly string[] => {
  const labels = labelsOf(name);
  if (labels === undefined) return [`${name} is not declared`];
  const metric = behind(name);
  return [
    ...matchers
      .filter(({ label }) => !labels.includes(label))
      .map(({ label }) => `${name} has no ${label}`),
    ...matchers
      .filter(({ label, value }) => label === 'state' && metric?.states?.includes(value) === false)
      .map(({ value }) => `${name} has no state ${value}`),
    ...matchers
      .filter(({ label, value }) => label === 'check' && /^[a-z-]+$/.test(value))
      .filter(({ value }) => !declared.checks.some((check) => check.name === value))
      .map(({ value }) => `there is no check ${value}`),
  ];
};

const lost = ({ labels, from, created }: Grouped): readonly string[] => {
  const there = new Set([...created, ...from.flatMap(({ name }) => labelsOf(name) ?? [])]);
  return labels
    .filter((label) => !there.has(label))
    .map(
      (label) => `${from.map(({ name }) => name).join(', ')}: grouped by ${label}, which none has`,
    );
};

const problems = (expr: string): readonly string[] => {
  const { errors, selected, grouped } = parsed(expr);
  return [
    ...(errors > 0 ? ['is no PromQL'] : []),
    ...selected.flatMap(undeclared),
    ...grouped.flatMap(lost),
  ];
};

describe('the judge of expressions', () => {
  it.each([
    ['maasha_vip_upp', 'maasha_vip_upp is not declared'],
    ['maasha_vip_up{node="x"}', 'maasha_vip_up has no node'],
    ['maasha_postgres_role{state="master"}', 'maasha_postgres_role has no state master'],
    ['maasha_check_state{check="vipp"}', 'there is no check vipp'],
    ['max by (node) (maasha_vip_up)', 'maasha_vip_up: grouped by node, which none has'],
    ['max by (region (maasha_vip_up)', 'is no PromQL'],
  ])('refuses %s', (expr, problem) => {
    expect(problems(expr)).toContain(problem);
  });
});

it('every panel, annotation and variable asks only for what is declared', () => {
  expect(expressions.length).toBeGreaterThan(150);
  const wrong = expressions.flatMap(({ dashboard, title, expr }) =>
    problems(expr).map((problem) => `${dashboard}, ${title}: ${problem}: ${expr}`),
  );
  expect(wrong).toEqual([]);
});

it('every declared metric is on a dashboard, or is said not to be', () => {
  const shown = new Set<string | undefined>(
    expressions.flatMap(({ expr }) => parsed(expr).selected.map(({ name }) => behind(name)?.name)),
  );
  const hidden = [...BY_NAME.keys()].filter((name) => !shown.has(name));
  expect(hidden).toEqual(Object.keys(DEBUG_ONLY));
});

it('of every stateset all states are asked for, none forgotten', () => {
  const asked = new Set(
    expressions
      .flatMap(({ expr }) => parsed(expr).selected)
      .flatMap(({ name, matchers }) =>
        matchers.filter(({ label }) => label === 'state').map(({ value }) => `${name} ${value}`),
      ),
  );
  const states: readonly string[] = declared.metrics.flatMap(({ metric: { name, states = [] } }) =>
    states.map((state) => `${name} ${state}`),
  );
  expect(states.length).toBeGreaterThan(50);
  expect(states.filter((state) => !asked.has(state))).toEqual([]);
});

const RULES = readdirSync('alerts/prometheus/rules');

it.each(RULES)('alerts/prometheus/rules/%s asks only for what is declared', (file) => {
  const { groups } = parse(readFileSync(`alerts/prometheus/rules/${file}`, 'utf8')) as {
    groups: { rules: { expr: string; alert: string }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(0);
  expect(
    rules.flatMap(({ alert, expr }) => problems(expr).map((problem) => `${alert}: ${problem}`)),
  ).toEqual([]);
});
