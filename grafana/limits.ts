import {
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Threshold,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Condition, Rule } from '../src/core/rule.ts';
import { COLOUR, TONE_OF, type Tone } from './look.ts';

/** From where upwards a condition holds, or holds no more. */
function edgeOf(condition: Condition): number {
  if ('above' in condition) return condition.above;
  return 'below' in condition ? condition.below : condition.equal + 1;
}

/**
 * The conditions of rules as Grafana's thresholds: a step colours all from its value upwards. What must not
 * be 0 is counted, so 1 is good; rules that ask for another value are shown by words and give no step.
 */
export function stepsOf(rules: readonly Rule[], otherwise: Tone = 'good'): readonly Threshold[] {
  const colour = (rule: Rule): string => COLOUR[TONE_OF[rule.severity]];
  const above = ascending(rules.filter(({ when }) => 'above' in when));
  const below = ascending(rules.filter(({ when }) => 'below' in when || isNone(when)));
  const lowest = below[0];
  return [
    { value: null, color: lowest === undefined ? COLOUR[otherwise] : colour(lowest) },
    // From where one rule ends upwards, the next higher one still holds, and above the last all is good.
    ...below.map((rule, index) => {
      const next = below[index + 1];
      return { value: edgeOf(rule.when), color: next === undefined ? COLOUR.good : colour(next) };
    }),
    ...above.map((rule) => ({ value: edgeOf(rule.when), color: colour(rule) })),
  ];
}

const isNone = (condition: Condition): boolean => 'equal' in condition && condition.equal === 0;

const ascending = (rules: readonly Rule[]): readonly Rule[] =>
  [...rules].sort((a, b) => edgeOf(a.when) - edgeOf(b.when));

export const thresholdsOf = (rules: readonly Rule[], otherwise: Tone): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...stepsOf(rules, otherwise)]);
