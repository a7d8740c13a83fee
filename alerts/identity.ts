import type { Rule } from '../src/core/rule.ts';

export type Labels = Readonly<Record<string, string>>;

type Judged = Pick<Rule, 'metric' | 'where'>;

/**
 * The labels that say which thing an alert of this rule is about: those of its metric, without those
 * that `where` fixes (they are the same for all) and without a stateset's `state` (that is a value).
 */
export const identityLabels = ({ metric, where = {} }: Judged): readonly string[] =>
  metric.labels.filter(
    (label) => !(label in where) && !(label === 'state' && metric.states !== undefined),
  );

/** Of a sample's labels those that identify. */
export const identityOf = (rule: Judged, labels: Labels): Labels =>
  Object.fromEntries(
    identityLabels(rule).flatMap((label) => {
      const value = labels[label];
      return value === undefined ? [] : [[label, value]];
    }),
  );

/**
 * What an alert is called for as long as it can come back: `maas3/MaasHaNodeDown{"node":"rc2"}`. It
 * is its own canonical text instead of a hash of it: two things can never share one, and a person can
 * read it. Threshold, severity, sentence and value have no part in it.
 */
export const fingerprintOf = (region: string, rule: string, identity: Labels): string => {
  const pairs = Object.entries(identity)
    .map(([label, value]) => [label, value.normalize('NFC')] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${JSON.stringify(label)}:${JSON.stringify(value)}`);
  return `${region}/${rule}{${pairs.join(',')}}`;
};
