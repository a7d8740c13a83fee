import {
  doesNotApply,
  skip,
  worst,
  type Check,
  type CheckResult,
  type Evidence,
  type Gap,
  type Inapplicable,
  type Note,
  type Skip,
  type State,
} from './check.ts';
import { CheckFailure } from './failure.ts';
import type { Observation } from './metric.ts';
import { judge, type Finding, type Severity } from './rule.ts';
import { seconds, type Instant } from './time.ts';

/** What the notes of one run come to; pure, and the same for every trigger. */
export type Verdict = Pick<
  CheckResult,
  'state' | 'observations' | 'inapplicable' | 'findings' | 'evidence' | 'gaps' | 'skips' | 'memory'
>;

/** What a run comes to that has seen nothing: it is unknown, for this reason. */
export const sawNothing = (
  failure: CheckFailure,
): Omit<Verdict, 'memory'> & Pick<CheckResult, 'failure'> => ({
  state: 'unknown',
  observations: [],
  inapplicable: [],
  findings: [],
  evidence: [],
  gaps: [],
  skips: [],
  failure,
});

const STATE_OF: Readonly<Record<Severity, State>> = {
  critical: 'critical',
  warning: 'warning',
  info: 'ok',
};

/**
 * Sorts and judges what a check said.
 *
 * A finding is worse than a gap (what is known to be bad beats what is not known), a gap is worse
 * than ok, and skipped means that there was nothing to look at.
 *
 * @throws CheckFailure `internal` when a sample is not a number, or when a metric is not the check's
 *   own: a defect of the check must not pass for an answer.
 */
export function summarise(
  check: Check,
  notes: readonly Note[],
  standing: readonly Finding[],
): Verdict {
  const observations = notes.filter((note): note is Observation => note.kind === 'observation');
  const inapplicable = notes.filter((note): note is Inapplicable => note.kind === 'inapplicable');
  for (const { metric, value } of observations)
    if (!Number.isFinite(value))
      throw new CheckFailure('internal', `${check.name} gave ${metric.name} the value ${value}`);
  for (const { metric } of [...observations, ...inapplicable])
    if (!check.metrics.includes(metric))
      throw new CheckFailure('internal', `${check.name} does not declare ${metric.name}`);
  const findings = judge(check.rules, observations, standing);
  const gaps = notes.filter((note): note is Gap => note.kind === 'gap');
  const skips = notes.filter((note): note is Skip => note.kind === 'skip');
  return {
    state: worst([
      ...findings.map((finding) => STATE_OF[finding.severity]),
      ...gaps.map((): State => 'unknown'),
      observations.length === 0 ? nothingSeen(skips, inapplicable) : 'ok',
    ]),
    observations,
    inapplicable,
    findings,
    evidence: notes.filter((note): note is Evidence => note.kind === 'evidence'),
    gaps,
    skips,
    memory: notes.findLast((note) => note.kind === 'memory')?.value,
  };
}

/**
 * What stands in for the result of a check that does not exist in a region: whoever combines results
 * learns that it is absent, and alerts about it from an earlier configuration are over.
 */
export const absentResult = (
  { name, rules }: Check,
  region: string,
  reason: string,
  startedAt: Instant,
): CheckResult => ({
  check: name,
  region,
  trigger: 'startup',
  state: 'skipped',
  startedAt,
  took: seconds(0),
  observations: [],
  inapplicable: [...new Set(rules.map(({ metric }) => metric))].map((metric) =>
    doesNotApply(metric, {}),
  ),
  findings: [],
  evidence: [],
  gaps: [],
  skips: [skip(name, 'config', reason)],
});

/** A run that saw nothing is skipped when it said why, or that there is nothing; else it is unknown. */
const nothingSeen = (...reasons: readonly (readonly Note[])[]): State =>
  reasons.some(({ length }) => length > 0) ? 'skipped' : 'unknown';
