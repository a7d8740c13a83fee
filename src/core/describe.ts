import type { CheckResult } from './check.ts';
import { MONITOR } from './ports/monitor.ts';
import { printable } from './printable.ts';
import { formatDuration, isoTime } from './time.ts';

/** A line for a person: nothing from the network may draw on the terminal or break the line. */
export const oneLine = (text: string): string => printable(text, 4000);

/** The one sentence that matters most of a result. */
export function headline(result: CheckResult): string {
  const { findings, gaps, skips, failure, evidence } = result;
  const [finding] = [
    ...findings.filter(({ severity }) => severity === 'critical'),
    ...findings.filter(({ severity }) => severity === 'warning'),
  ];
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
  if (failure !== undefined) return oneLine(`could not look: ${failure.message} [${failure.code}]`);
  if (finding !== undefined) return oneLine(`${finding.summary}${more}`);
  const [gap] = gaps;
  if (gap !== undefined)
    return oneLine(`${gap.subject}: could not look: ${gap.failure.message} [${gap.failure.code}]`);
  if (result.state === 'skipped') return oneLine(skips[0]?.reason ?? 'nothing to look at');
  return (
    oneLine(evidence.map(({ subject, says }) => `${subject}: ${says}`).join('; ')) ||
    'nothing to report'
  );
}

/** Everything that a result has to say to a person, a line each; numbers are left to the metrics. */
export const describeResult = (result: CheckResult): readonly string[] =>
  [
    `${result.check} on ${result.region}: ${result.state} in ${formatDuration(result.took)} (${result.trigger})`,
    ...(result.failure === undefined
      ? []
      : [`could not look: ${result.failure.message} [${result.failure.code}]`]),
    ...result.findings.map(({ severity, rule, summary }) => `${severity}: ${summary} (${rule})`),
    ...runbooksOf(result).map((command) => `runbook: ${command}`),
    ...result.gaps.map(
      ({ subject, failure }) => `unknown: ${subject}: ${failure.message} [${failure.code}]`,
    ),
    ...result.skips.map(({ subject, reason, code }) => `skipped: ${subject}: ${reason} [${code}]`),
    ...result.evidence.map(({ subject, says }) => `seen: ${subject}: ${says}`),
  ].map(oneLine);

/** What prints the way out of what was found, for this site and this moment; each once, in their order. */
const runbooksOf = ({ findings, region }: CheckResult): readonly string[] => [
  ...new Set(findings.map(({ rule }) => `maasha runbook ${rule}${ofRegion(region)}`)),
];

/** The monitor itself is no region that a command could be given. */
const ofRegion = (region: string): string => (region === MONITOR.name ? '' : ` --region ${region}`);

/** A result as JSON shows it: durations in seconds, times in ISO 8601, memory left out. */
export const resultJson = (result: CheckResult) => ({
  check: result.check,
  region: result.region,
  state: result.state,
  headline: headline(result),
  trigger: result.trigger,
  startedAt: isoTime(result.startedAt),
  seconds: result.took,
  findings: result.findings,
  gaps: result.gaps.map(({ subject, failure }) => ({
    subject,
    code: failure.code,
    message: failure.message,
  })),
  skips: result.skips.map(({ subject, code, reason }) => ({ subject, code, reason })),
  failure: result.failure && { code: result.failure.code, message: result.failure.message },
  evidence: result.evidence.map(({ subject, says }) => ({ subject, says })),
  observations: result.observations.map(({ metric, labels, value }) => ({
    metric: metric.name,
    labels,
    value,
  })),
  inapplicable: result.inapplicable.map(({ metric, labels }) => ({ metric: metric.name, labels })),
});
