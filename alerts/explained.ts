import type { Severity } from '../src/core/rule.ts';
import { isStanding, type Alerts, type Standing } from './state.ts';

const RANK: Readonly<Record<Severity, number>> = { critical: 2, warning: 1, info: 0 };

/** The standing alerts that are not told by themselves because this episode explains them; the gravest first. */
export const explainedBy = (state: Alerts, episode: string): readonly Standing[] =>
  Object.values(state.alerts)
    .filter(isStanding)
    .filter(({ visibility }) => visibility.is === 'folded' && visibility.into.episode === episode)
    .sort(
      (a, b) => RANK[b.severity] - RANK[a.severity] || (a.fingerprint < b.fingerprint ? -1 : 1),
    );

/**
 * How grave an incident is: as grave as the gravest of the alert and all that it explains. A critical
 * alert that a warning explains must not be told as a warning, to fewer people. Only what is mere
 * information explains quietly: it stands for a time of grace, such as that after a failover, at whose
 * end whatever outlives it is told by itself.
 */
export const gravityOf = (
  { severity }: { readonly severity: Severity },
  explained: readonly { readonly severity: Severity }[],
): Severity =>
  severity === 'info'
    ? severity
    : explained.reduce<Severity>((worst, each) => graver(worst, each.severity), severity);

export const isGraver = (a: Severity, b: Severity): boolean => RANK[a] > RANK[b];

const graver = (a: Severity, b: Severity): Severity => (isGraver(b, a) ? b : a);
