import type { CheckResult } from './check.ts';
import type { Observation } from './metric.ts';

type Labels = Readonly<Record<string, string>>;

const matches = (sample: Observation, labels: Labels): boolean =>
  Object.entries(labels).every(([label, value]) => sample.labels[label] === value);

/** The samples of one metric in some results, narrowed by labels. */
export const samplesOf = (
  results: readonly CheckResult[],
  metric: string,
  labels: Labels = {},
): readonly Observation[] =>
  results.flatMap(({ observations }) =>
    observations.filter((sample) => sample.metric.name === metric && matches(sample, labels)),
  );

/** One sample's value; undefined when it was not observed: not known, which is not 0. */
export const valueOf = (
  results: readonly CheckResult[],
  metric: string,
  labels: Labels = {},
): number | undefined => samplesOf(results, metric, labels)[0]?.value;

/** The state that is 1 in a stateset; undefined when it was not observed. */
export const stateOf = (
  results: readonly CheckResult[],
  metric: string,
  labels: Labels = {},
): string | undefined =>
  samplesOf(results, metric, labels).find(({ value }) => value === 1)?.labels['state'];

/** The values of one label on the samples that are 1: the nodes of which something is true. */
export const namesWhere = (
  results: readonly CheckResult[],
  metric: string,
  label: string,
  labels: Labels = {},
): readonly string[] => [
  ...new Set(
    samplesOf(results, metric, labels)
      .filter(({ value }) => value === 1)
      .map((sample) => sample.labels[label] ?? ''),
  ),
];
