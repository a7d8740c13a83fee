import { asked, most, since } from './asks.ts';
import { yesIsBad } from './look.ts';
import { heat, lines, timeline, type PanelSpec } from './panels.ts';

/* How the checks run, whatever they find. */

export const CHECKS: Readonly<Record<string, PanelSpec>> = {
  overdue: timeline({
    title: 'Checks that do not complete',
    about:
      'Whether a check has not completed for longer than its schedule and deadline explain: what it looks at is not watched then. The first rows are drawn only while it is so.',
    asks: [
      most('maasha_check_overdue', '{{check}}: overdue'),
      {
        expr: (q) => q.max('maasha_monitor_check_overdue'),
        legend: '{{watched}} {{check}}',
      },
    ],
    absent: 'none, or nobody looks',
    words: yesIsBad('in time', 'overdue', 'warn'),
  }),
  gaps: lines({
    title: 'What could not be looked at',
    about:
      'Things that the newest run of each check had to look at and could not. What is behind a gap is unknown, and no alert about it ends.',
    asks: [most('maasha_check_gaps', '{{check}}')],
    unit: 'short',
    absent: 'unknown',
    min: 0,
  }),
  age: lines({
    title: 'Age of the newest result',
    about: 'Time since the newest run of each check ended.',
    asks: [since('maasha_check_last_run_timestamp_seconds', '{{check}}')],
    unit: 's',
    absent: 'unknown',
    min: 0,
    alerts: ['MaasHaMonitorCheckOverdue'],
  }),
  deadline: lines({
    title: 'Checks: time of a run, as a part of its deadline',
    about:
      'At 100 % a run is cut off, and what it had not seen by then is a gap. The deadlines are those of the delivered checks.',
    asks: [asked((q) => q.ofDeadline('maasha_check_last_duration_seconds'), '{{check}}')],
    unit: 'percentunit',
    absent: 'unknown',
    min: 0,
  }),
  slow: lines({
    title: 'Checks: time of a run (95 of 100 are faster)',
    about: 'Of all runs in the interval of each point, per check.',
    asks: [
      {
        expr: (q) => q.quantile(0.95, 'maasha_check_duration_seconds'),
        legend: '{{check}}',
      },
    ],
    unit: 's',
    absent: 'the service does not run',
    min: 0,
  }),
  durations: heat({
    title: 'Checks: times of all runs',
    about: 'How many runs took how long.',
    asks: [{ expr: (q) => q.buckets('maasha_check_duration_seconds'), legend: '{{le}}' }],
    unit: 's',
    absent: 'the service does not run',
  }),
  runs: lines({
    title: 'Runs by what they came to',
    about: 'Runs per second of all checks, by state.',
    asks: [
      {
        expr: (q) => `sum by (region, state) (${q.rate('maasha_check_runs_total')})`,
        legend: '{{region}} {{state}}',
      },
    ],
    unit: 'ops',
    absent: 'the service does not run',
    min: 0,
    stacked: true,
  }),
  failures: lines({
    title: 'Runs that could not see everything, by reason',
    about: 'Within the interval of each point.',
    asks: [
      {
        expr: (q) => q.increase('maasha_check_failures_total'),
        legend: '{{region}} {{check}} {{reason}}',
      },
    ],
    unit: 'short',
    absent: 'none, or the service does not run',
    min: 0,
  }),
  triggers: lines({
    title: 'Runs by what set them off',
    about:
      'Runs per second of all checks: by schedule, by an event, as a second look, by a probe, by hand.',
    asks: [
      {
        expr: (q) => `sum by (region, trigger) (${q.rate('maasha_check_triggers_total')})`,
        legend: '{{region}} {{trigger}}',
      },
    ],
    unit: 'ops',
    absent: 'the service does not run',
    min: 0,
    stacked: true,
  }),
  late: lines({
    title: 'Runs that did not begin',
    about:
      'Requests dropped because the run before went on, and planned times that passed without a start, within the interval of each point.',
    asks: [
      asked((q) => q.increase('maasha_check_overlaps_total'), '{{check}} overlaps'),
      {
        expr: (q) => q.increase('maasha_schedule_missed_total'),
        legend: '{{instance}} {{check}} missed',
      },
    ],
    unit: 'short',
    absent: 'none, or the service does not run',
    min: 0,
    alerts: ['MaasHaMonitorCheckOverdue'],
  }),
  probes: lines({
    title: 'Probes by how they were answered',
    about:
      'Of each instance that Prometheus probes through: by a run of its own, by one under way, by a kept result, too late, or refused for want of room. What is late or refused is not watched.',
    asks: [
      {
        expr: (q) => `sum by (instance, way) (${q.rate('maasha_probes_total')})`,
        legend: '{{instance}} {{way}}',
      },
    ],
    unit: 'ops',
    absent: 'nobody probes through an instance',
    min: 0,
    stacked: true,
  }),
};
