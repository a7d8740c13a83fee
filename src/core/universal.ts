import { STATES, type CheckResult } from './check.ts';
import { FAILURE_CODES, type FailureCode } from './failure.ts';
import { gauge, observe, observeState, stateset, type Metric, type Observation } from './metric.ts';

/*
 * What is true of every check, whatever it looks at. The spine emits these, never a check.
 */

const state = stateset({
  name: 'maasha_check_state',
  help: 'State that the newest run of the check came to; exactly one state is 1.',
  labels: ['check'],
  states: STATES,
});

const duration = gauge({
  name: 'maasha_check_last_duration_seconds',
  help: 'Wall time of the newest run of the check.',
  labels: ['check'],
});

const lastRun = gauge({
  name: 'maasha_check_last_run_timestamp_seconds',
  help: 'When the newest run of the check ended, whatever it came to.',
  labels: ['check'],
});

const gaps = gauge({
  name: 'maasha_check_gaps',
  help: 'Things that the newest run of the check had to look at and could not.',
  labels: ['check'],
});

export const universalMetrics: readonly Metric[] = [state, duration, lastRun, gaps];

/** The universal samples of one result. */
export const universalObservations = (result: CheckResult): readonly Observation[] => {
  const labels = { check: result.check };
  return [
    ...observeState(state, result.state, labels),
    observe(duration, result.took, labels),
    observe(lastRun, result.startedAt / 1000 + result.took, labels),
    observe(gaps, result.gaps.length + (result.failure === undefined ? 0 : 1), labels),
  ];
};

/** Why a run could not see everything: each code once. */
export const failureCodes = (result: CheckResult): readonly FailureCode[] => {
  const seen = new Set([...result.gaps.map(({ failure }) => failure.code), result.failure?.code]);
  return FAILURE_CODES.filter((code) => seen.has(code));
};
