import type { Check } from '../../core/check.ts';
import type { Severity } from '../../core/rule.ts';
import { seconds, type Seconds } from '../../core/time.ts';
import type { Settings } from '../declared.ts';
import { intervalOf, promDuration, quote, SCRAPE_INTERVAL } from '../promql.ts';
import { INHIBITOR, type HelperRule } from './inhibitors.ts';
import type { InhibitRule } from './inhibit-rules.ts';

/*
 * What the service cannot say of itself, because it does not run, or because nothing runs its checks: only
 * Prometheus sees it. What it can say of itself it does (the check `monitor`).
 *
 * One Prometheus server of several cannot know what the others see. Where each asks another instance, an
 * instance that dies blinds one server only: that nobody watches is true as long as no server sees the
 * region. So a helper says that somebody does, and Alertmanager keeps the page quiet for as long.
 */

/** A rule that exists in Prometheus only; `expression` gives the labels `identity`, and no others. */
interface FreshnessRule {
  readonly name: `MaasHa${string}`;
  readonly severity: Severity;
  readonly expression: (checks: readonly Check[]) => string;
  readonly identity: readonly string[];
  readonly for: Seconds;
  /** `{label}` and `{value}` are filled in. */
  readonly summary: string;
}

/** Our targets. Those of a whole monitor have no region of their own: they are about the monitor. */
const targets = (comparison: string): string =>
  `label_replace(up{job=~"maasha.*"} ${comparison}, "region", "monitor", "region", "")`;

/** A check that is silent for less may just have a monitor that is being restarted. */
const LEAST_PATIENCE = seconds(300);

const patienceOf = ({ every, timeout }: Check): number =>
  Math.ceil(Math.max(LEAST_PATIENCE, 4 * intervalOf({ every }) + timeout));

const freshnessRules: readonly FreshnessRule[] = [
  {
    name: 'MaasHaMonitorAbsent',
    severity: 'critical',
    expression: () => 'label_replace(absent(up{job=~"maasha.*"}), "region", "monitor", "", "")',
    identity: ['region'],
    for: seconds(300),
    summary:
      'Prometheus has no target of maas-ha-monitor: nothing is watched, and nothing can alert',
  },
  {
    name: 'MaasHaMonitorDown',
    severity: 'critical',
    expression: () => `max by (region, job) (${targets('')}) == 0`,
    identity: ['region', 'job'],
    for: seconds(60),
    summary: 'No monitor behind the job {job} can be scraped for {region}: it is not watched',
  },
  {
    name: 'MaasHaMonitorPartlyDown',
    severity: 'warning',
    expression: () =>
      'label_replace(count by (job, instance) (up{job=~"maasha.*"} == 0), "region", "monitor", "", "")',
    identity: ['region', 'job', 'instance'],
    for: seconds(180),
    summary: '{value} targets of {instance} in the job {job} cannot be scraped',
  },
  {
    name: 'MaasHaCheckSilent',
    severity: 'warning',
    expression: silence,
    identity: ['region', 'check'],
    for: seconds(60),
    summary:
      'The check {check} has not ended in {region} for {value} s: what it looks at is not watched',
  },
  {
    name: 'MaasHaCheckBlind',
    severity: 'warning',
    expression: () => 'min by (region, check) (maasha_check_state{state="unknown"}) == 1',
    identity: ['region', 'check'],
    for: seconds(900),
    summary:
      'The check {check} cannot see what it is to look at in {region}: its alerts neither begin nor end',
  },
];

/** The alerts that only Prometheus raises. */
export const FRESHNESS_ALERTS: readonly string[] = freshnessRules.map(({ name }) => name);

/** Checks of the same patience together. */
function silence(checks: readonly Check[]): string {
  const patiences = [...new Set(checks.map(patienceOf))].sort((a, b) => a - b);
  return patiences
    .map((patience) => {
      const names = checks
        .filter((check) => patienceOf(check) === patience)
        .map(({ name }) => name);
      const those = quote(names.toSorted().join('|'));
      return `(time() - max by (region, check) (maasha_check_last_run_timestamp_seconds{check=~${those}})) > ${patience}`;
    })
    .join('\nor ');
}

/** The group of these rules, as Prometheus reads it. */
export const freshnessGroup = (
  checks: readonly Check[],
  { publicUrl, grafanaUrl }: Settings,
): object => ({
  name: 'maasha-freshness',
  interval: promDuration(SCRAPE_INTERVAL),
  rules: freshnessRules.map(({ name, severity, expression, for: patience, summary }) => ({
    alert: name,
    expr: expression(checks),
    for: promDuration(patience),
    labels: { severity },
    annotations: {
      summary: summary.replaceAll(/\{(\w+)\}/g, (_, key: string) =>
        key === 'value' ? '{{ printf "%.0f" $value }}' : `{{ $labels.${key} }}`,
      ),
      runbook_url: `${publicUrl}/runbooks/${name}?region={{ $labels.region | urlquery }}`,
      dashboard_url: `${grafanaUrl}/d/maasha-monitor`,
    },
  })),
});

/** Says, of each region and job, that this server sees it. Over at once when it does not. */
export const watchedHelper: HelperRule = {
  alert: INHIBITOR,
  expr: `max by (region, job) (${targets('== 1')})`,
  labels: { severity: 'none', cause: 'watched', stage: 'firing', join: 'region, job' },
};

const GONE = [
  'MaasHaClusterUnreachable',
  'MaasHaDnsMasterDown',
  'MaasHaDnsSlaveDown',
  'MaasHaNodeDown',
  'MaasHaPgpoolDown',
  'MaasHaPostgresDown',
  'MaasHaVipAllServicesDown',
  'MaasHaVipUnreachable',
];

/** What is watched by another server is not unwatched; what nobody watches is silent for that reason. */
export const freshnessInhibitions: readonly InhibitRule[] = [
  {
    source: [
      { label: 'alertname', values: [INHIBITOR] },
      { label: 'cause', values: ['watched'] },
    ],
    target: [{ label: 'alertname', values: ['MaasHaMonitorDown'] }],
    equal: ['job', 'region'],
  },
  {
    source: [{ label: 'alertname', values: ['MaasHaMonitorDown'] }],
    target: [{ label: 'alertname', values: ['MaasHaCheckBlind', 'MaasHaCheckSilent'] }],
    equal: ['region'],
  },
  {
    source: [{ label: 'alertname', values: ['MaasHaCheckSilent'] }],
    target: [{ label: 'alertname', values: ['MaasHaCheckBlind'] }],
    equal: ['check', 'region'],
  },
  {
    // Whoever is told that a part is gone knows that it cannot be looked at.
    source: [{ label: 'alertname', values: GONE }],
    target: [{ label: 'alertname', values: ['MaasHaCheckBlind'] }],
    equal: ['region'],
  },
];
