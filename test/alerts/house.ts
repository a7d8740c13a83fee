import { catalogueOf, type Catalogue, type Watch } from '../../alerts/catalogue.ts';
import type { CheckResult } from '../../src/core/check.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import { gauge, observe, type Observation } from '../../src/core/metric.ts';
import { judge, type Rule } from '../../src/core/rule.ts';
import { seconds } from '../../src/core/time.ts';
import { result as finished } from '../support/results.ts';

const metric = (name: string, labels: readonly string[]) =>
  gauge({ name: `maasha_test_${name}`, help: 'Bad is 1.', labels });

type Form = Pick<Rule, 'severity'> & Partial<Rule> & { readonly labels?: readonly string[] };

/** A rule that is true when its own metric is 1. */
export const rule = (name: string, { labels = [], ...rest }: Form): Rule => ({
  name: `MaasHa${name}`,
  metric: metric(name.toLowerCase(), labels),
  when: { above: 0.5 },
  for: seconds(0),
  summary: `${name} of {node} is {value}`,
  ...rest,
});

const node = ['node'];
export const ISOLATED = rule('MonitorIsolated', { severity: 'critical', for: seconds(20) });
export const VIP = rule('Vip', { severity: 'critical', for: seconds(10) });
export const NODE = rule('Node', { severity: 'warning', for: seconds(20), labels: node });
export const DATABASE = rule('Database', {
  severity: 'warning',
  for: seconds(20),
  labels: node,
  inhibitedBy: [{ alert: NODE.name, on: { node: 'node' } }],
});
export const LAG = rule('Lag', {
  severity: 'critical',
  for: seconds(30),
  labels: node,
  inhibitedBy: [{ alert: DATABASE.name, on: { node: 'node' } }],
});
export const DOUBLE = rule('Double', { severity: 'critical', confirm: true });
export const ODD = rule('Odd', { severity: 'info', inhibitedBy: [{ alert: VIP.name }] });
/** Explained only when every node is down. */
export const QUORUM = rule('Quorum', {
  severity: 'critical',
  for: seconds(10),
  inhibitedBy: [{ alert: NODE.name, every: 'node' }],
});
/** Explained only by two things at once. */
export const ROUTE = rule('Route', {
  severity: 'warning',
  labels: node,
  inhibitedBy: [{ alert: VIP.name, and: [{ alert: DATABASE.name, on: { node: 'node' } }] }],
});

const watch = (check: string, rules: readonly Rule[]): Watch => ({
  check,
  rules,
  interval: seconds(10),
  timeout: seconds(5),
});

/** A small region's checks: a network, a database on each node, and data that may be doubled. */
export const WATCHES: readonly Watch[] = [
  watch('net', [ISOLATED, VIP, NODE]),
  watch('db', [DATABASE, LAG, ROUTE]),
  watch('data', [DOUBLE, ODD, QUORUM]),
];
export const CATALOGUE: Catalogue = catalogueOf(WATCHES);

/** What one rule sees, by node or for the region as a whole. */
export interface Sample {
  readonly rule: Rule;
  readonly node?: string;
  readonly value: number;
}

const observed = ({ rule: { metric: of }, node: name, value }: Sample): Observation =>
  observe(of, value, name === undefined ? {} : { node: name });

/** A finished run that saw these samples, judged as the runner judges. */
export function result(
  check: string,
  samples: readonly Sample[],
  changes: Partial<CheckResult> = {},
): CheckResult {
  const observations = samples.map(observed);
  const rules = WATCHES.find((each) => each.check === check)?.rules ?? [];
  return finished(check, observations, { findings: judge(rules, observations), ...changes });
}

/** A run that came to nothing. */
export const failed = (check: string): CheckResult =>
  result(check, [], { state: 'unknown', failure: new CheckFailure('timeout', 'no answer') });
