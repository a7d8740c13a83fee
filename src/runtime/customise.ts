import type { CheckChange, RuleChange } from '../config/schema.ts';
import type { Check } from '../core/check.ts';
import type { Condition, Rule } from '../core/rule.ts';
import { seconds } from '../core/time.ts';

/** The checks as the operator wants them: switched off, on another schedule, with other thresholds. */
export function customise(
  checks: readonly Check[],
  changes: Readonly<Record<string, CheckChange>>,
): readonly Check[] {
  const off = new Set(
    Object.entries(changes)
      .filter(([, { enabled }]) => !enabled)
      .map(([name]) => name),
  );
  return checks
    .filter(({ name, needs = [] }) => !off.has(name) && !needs.some((need) => off.has(need)))
    .map((check) => changed(check, changes[check.name]));
}

function changed(check: Check, change: CheckChange | undefined): Check {
  if (change === undefined) return check;
  return {
    ...check,
    ...(change.every !== undefined && { every: change.every }),
    ...(change.timeout !== undefined && { timeout: seconds(change.timeout) }),
    rules: check.rules.flatMap((rule) => changedRule(rule, change.rules[rule.name])),
  };
}

function changedRule(rule: Rule, change: RuleChange | false | undefined): readonly Rule[] {
  if (change === false) return [];
  if (change === undefined) return [rule];
  const threshold = change.above ?? change.below ?? change.equal;
  return [
    {
      ...rule,
      ...(threshold !== undefined && { when: withThreshold(rule.when, threshold) }),
      ...(change.for !== undefined && { for: seconds(change.for) }),
      ...(change.severity !== undefined && { severity: change.severity }),
    },
  ];
}

const withThreshold = (condition: Condition, threshold: number): Condition => {
  if ('above' in condition) return { above: threshold };
  return 'below' in condition ? { below: threshold } : { equal: threshold };
};
