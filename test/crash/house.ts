import monitor from '../../checks/monitor.ts';
import { gauge, observe, type Metric } from '../../src/core/metric.ts';
import type { Check, CheckResult } from '../../src/core/check.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import { MONITOR, type DeliveryFacts } from '../../src/core/ports/monitor.ts';
import { judge, type Rule } from '../../src/core/rule.ts';
import { seconds } from '../../src/core/time.ts';
import { testCheck } from '../support/checks.ts';
import { result } from '../support/results.ts';

/*
 * What is watched while the monitor is killed: nodes, the databases on them (which a node explains),
 * disks (which must be full for a minute), and the monitor itself, by its own check.
 */

const metric = (name: string): Metric =>
  gauge({ name: `maasha_test_${name}`, help: 'Bad is 1.', labels: ['node'] });

const rule = (name: string, change: Partial<Rule> = {}): Rule => ({
  name: `MaasHaTest${name}`,
  severity: 'critical',
  metric: metric(name.toLowerCase()),
  when: { above: 0.5 },
  for: seconds(0),
  summary: `${name} of {node} is bad`,
  ...change,
});

const NODE = rule('Node');
const DATABASE = rule('Database', {
  inhibitedBy: [{ alert: NODE.name, on: { node: 'node' } }],
});
export const DISK = rule('Disk', { severity: 'warning', for: seconds(60) });

const RULES = { nodes: NODE, databases: DATABASE, disks: DISK } as const;
export type CheckName = keyof typeof RULES;
export const CHECK_NAMES = ['nodes', 'databases', 'disks'] as const;
export const ruleOf = (check: CheckName): Rule => RULES[check];

export const CHECKS: readonly Check[] = [
  ...CHECK_NAMES.map((name) =>
    testCheck({ name, metrics: [RULES[name].metric], rules: [RULES[name]] }),
  ),
  monitor,
];

export const NODES = ['rc1', 'rc2'] as const;
export type NodeName = (typeof NODES)[number];

/** What a check saw: which nodes are bad; or it came to nothing. */
export type Readings = readonly NodeName[] | 'unknown';

/** One finished run of a check. */
export function roundOf(check: CheckName, readings: Readings): CheckResult {
  if (readings === 'unknown')
    return result(check, [], {
      state: 'unknown',
      failure: new CheckFailure('timeout', 'no answer'),
    });
  const observations = NODES.map((node) =>
    observe(RULES[check].metric, readings.includes(node), { node }),
  );
  return result(check, observations, { findings: judge([RULES[check]], observations) });
}

export const DELIVERY_FAILING = 'MaasHaMonitorDeliveryFailing';
const failing = monitor.rules.filter(({ name }) => name === DELIVERY_FAILING);

/** The monitor's look at its own channels. */
export function ownRound(facts: readonly DeliveryFacts[]): CheckResult {
  const [known] = failing;
  if (known === undefined) throw new Error(`${DELIVERY_FAILING} is no longer a rule`);
  const observations = facts.map((each) =>
    observe(known.metric, each.failing, { channel: each.channel }),
  );
  return result('monitor', observations, {
    region: MONITOR.name,
    findings: judge(failing, observations),
  });
}
