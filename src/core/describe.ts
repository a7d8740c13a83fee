import type { CheckResult } from './check.ts';
import { formatDuration, isoTime } from './time.ts';

/** Control characters and line ends from the network must not draw on a terminal or break a format. */
export const printable = (text: string): string =>
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');

/** The one sentence that matters most of a result. */
export function headline(result: CheckResult): string {
  const { findings, gaps, skips, failure, evidence } = result;
  const [finding] = [
    ...findings.filter(({ severity }) => severity === 'critical'),
    ...findings.filter(({ severity }) => severity === 'warning'),
  ];
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
  if (failure !== undefined)
    return printable(`could not look: ${failure.message} [${failure.code}]`);
  if (finding !== undefined) return printable(`${finding.summary}${more}`);
  const [gap] = gaps;
  if (gap !== undefined)
    return printable(
      `${gap.subject}: could not look: ${gap.failure.message} [${gap.failure.code}]`,
    );
  if (result.state === 'skipped') return printable(skips[0]?.reason ?? 'nothing to look at');
  return (
    printable(evidence.map(({ subject, says }) => `${subject}: ${says}`).join('; ')) ||
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
    ...result.gaps.map(
      ({ subject, failure }) => `unknown: ${subject}: ${failure.message} [${failure.code}]`,
    ),
    ...result.skips.map(({ subject, reason, code }) => `skipped: ${subject}: ${reason} [${code}]`),
    ...result.evidence.map(({ subject, says }) => `seen: ${subject}: ${says}`),
  ].map(printable);

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
});
