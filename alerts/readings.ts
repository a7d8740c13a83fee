import type { CheckResult, Inapplicable } from '../src/core/check.ts';
import { labelKey, type Observation } from '../src/core/metric.ts';
import { fillIn, holds, type Rule } from '../src/core/rule.ts';
import { fingerprintOf, identityOf, type Labels } from './identity.ts';
import type { Alert, Alerts } from './state.ts';

/** What one round says about one alert. Absent `sample`: nothing is known, for better or worse. */
export interface Reading {
  readonly fingerprint: string;
  readonly rule: Rule;
  readonly labels: Labels;
  readonly sample?: { readonly bad: boolean; readonly value: number; readonly summary: string };
}

/**
 * Each rule of a finished check against what was seen. Good is only a sample that was seen and is good,
 * and, where there is no sample, the check's own word that what the alert is about does not exist. Any
 * other alert that is known and has no sample in this round, or whose check came to nothing, is unknown.
 */
export function readingsOf(
  result: CheckResult,
  rules: readonly Rule[],
  { region, alerts }: Alerts,
): readonly Reading[] {
  const found = new Set(result.findings.map(({ rule, labels }) => rule + labelKey(labels)));
  return rules.flatMap((rule) => {
    const samples = result.failure === undefined ? samplesOf(rule, result.observations) : [];
    const read = new Map<string, Reading>();
    for (const sample of samples) {
      const labels = identityOf(rule, sample.labels);
      const fingerprint = fingerprintOf(region, rule.name, labels);
      const bad =
        found.has(rule.name + labelKey(sample.labels)) ||
        lingers(rule, alerts[fingerprint], sample);
      // Of several samples for one identity, a bad one decides.
      if (read.get(fingerprint)?.sample?.bad === true) continue;
      const summary = fillIn(rule.summary, sample.labels, sample.value);
      read.set(fingerprint, {
        fingerprint,
        rule,
        labels,
        sample: { bad, value: sample.value, summary },
      });
    }
    const unseen = Object.values(alerts)
      .filter((alert) => alert.rule === rule.name && !read.has(alert.fingerprint))
      .map((alert): Reading => {
        const { fingerprint, labels, value, summary } = alert;
        const over = result.failure === undefined && isOver(rule, alert, result.inapplicable);
        const sample = over && { sample: { bad: false, value, summary } };
        return { fingerprint, rule, labels, ...sample };
      });
    return [...read.values(), ...unseen];
  });
}

/** Whether what this alert is about does not exist any more, in the words of the check that looked for it. */
const isOver = (rule: Rule, alert: Alert, inapplicable: readonly Inapplicable[]): boolean => {
  const own: Labels = { ...rule.where, ...alert.labels };
  return inapplicable.some(
    ({ metric, labels }) =>
      metric.name === rule.metric.name &&
      Object.entries(labels).every(([label, value]) => own[label] === value),
  );
};

const samplesOf = (rule: Rule, observations: readonly Observation[]): readonly Observation[] =>
  observations.filter(
    ({ metric, labels }) =>
      metric.name === rule.metric.name &&
      Object.entries(rule.where ?? {}).every(([label, value]) => labels[label] === value),
  );

/**
 * Between its two thresholds a bad value stays bad. The judge knows only the round before, which a
 * failed look leaves empty; the alert remembers longer.
 */
const lingers = (rule: Rule, alert: Alert | undefined, { value }: Observation): boolean =>
  rule.clear !== undefined &&
  alert !== undefined &&
  (alert.condition.is === 'pending' || alert.condition.is === 'firing') &&
  !holds(rule.clear, value);
