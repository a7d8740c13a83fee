import { labelKey, type Metric, type Observation } from './metric.ts';
import type { Seconds } from './time.ts';

export type Severity = 'critical' | 'warning' | 'info';

export type Condition =
  { readonly above: number } | { readonly below: number } | { readonly equal: number };

/** Alerts that must stand for an explanation to hold. */
export interface Because {
  readonly alert: string;
  /** Joins labels: the explained rule's label to the one of the cause that must equal it. */
  readonly on?: Readonly<Record<string, string>>;
  /** It explains only alerts of this rule with these label values. */
  readonly only?: Readonly<Record<string, string>>;
  /** Only a cause with these label values. */
  readonly where?: Readonly<Record<string, string>>;
  /** Not one such alert, but one for each configured name of this label of the cause: all nodes, not any. */
  readonly every?: string;
}

/** What bad looks like: data from a closed vocabulary, so that it can also become a Prometheus rule. */
export interface Rule {
  /** Also the name of the runbook, `alerts/runbooks/<name>.md`. */
  readonly name: `MaasHa${string}`;
  readonly severity: Severity;
  readonly metric: Metric;
  /** Only samples with these label values are judged. */
  readonly where?: Readonly<Record<string, string>>;
  readonly when: Condition;
  /** Once true, stays true until this holds instead of merely `when` being false: hysteresis. */
  readonly clear?: Condition;
  /** How long it must hold before anybody is told. */
  readonly for: Seconds;
  /** Look once more at once instead of waiting: for findings where each second of waiting costs data. */
  readonly confirm?: boolean;
  /** What explains this one: any of these. One with `and` does so only while all of that stands too. */
  readonly inhibitedBy?: readonly (Because & { readonly and?: readonly Because[] })[];
  /** One sentence for people; `{label}` and `{value}` are filled in. */
  readonly summary: string;
}

/** A rule that one result makes true, for one set of labels. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly summary: string;
}

export function holds(condition: Condition, value: number): boolean {
  if ('above' in condition) return value > condition.above;
  if ('below' in condition) return value < condition.below;
  return value === condition.equal;
}

/** A number for people: whole, or with no more digits than carry meaning. */
const legible = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));

/** Fills `{value}` and `{label}` into a rule's sentence; a label that is not there stays visible. */
export const fillIn = (
  template: string,
  labels: Readonly<Record<string, string>>,
  value: number,
): string =>
  template.replaceAll(/\{(\w+)\}/g, (whole, key: string) =>
    key === 'value' ? legible(value) : (labels[key] ?? whole),
  );

const concerns = (rule: Rule, sample: Observation): boolean =>
  sample.metric.name === rule.metric.name &&
  Object.entries(rule.where ?? {}).every(([label, value]) => sample.labels[label] === value);

/**
 * Every finding that these samples make true at this moment, whatever their `for`: waiting belongs to
 * the life of an alert, not to what was seen. `standing` holds the findings of the look before, for
 * rules with a separate clear threshold.
 */
export function judge(
  rules: readonly Rule[],
  samples: readonly Observation[],
  standing: readonly Finding[] = [],
): readonly Finding[] {
  const stood = new Set(standing.map((finding) => finding.rule + labelKey(finding.labels)));
  return rules.flatMap((rule) =>
    samples
      .filter((sample) => concerns(rule, sample))
      .filter((sample) =>
        rule.clear !== undefined && stood.has(rule.name + labelKey(sample.labels))
          ? !holds(rule.clear, sample.value)
          : holds(rule.when, sample.value),
      )
      .map(({ labels, value }) => ({
        rule: rule.name,
        severity: rule.severity,
        labels,
        value,
        summary: fillIn(rule.summary, labels, value),
      })),
  );
}
