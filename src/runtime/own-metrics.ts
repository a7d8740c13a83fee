import type { Metric } from '../core/metric.ts';

/*
 * What the monitor counts and says of its own work since it started. Declared here as data, so that the
 * reference, the rules and the dashboards know them; the recorder fills them.
 */

const declare = <const Label extends string>(
  kind: Metric['kind'],
  declared: Omit<Metric<Label>, 'kind'>,
): Metric<Label> => ({ kind, ...declared });

export const own = {
  runs: declare('counter', {
    name: 'maasha_check_runs_total',
    help: 'Finished runs by the state they came to.',
    labels: ['check', 'state'],
  }),
  failures: declare('counter', {
    name: 'maasha_check_failures_total',
    help: 'Runs that could not see everything, by the reason.',
    labels: ['check', 'reason'],
  }),
  triggers: declare('counter', {
    name: 'maasha_check_triggers_total',
    help: 'Runs by what set them off.',
    labels: ['check', 'trigger'],
  }),
  overlaps: declare('counter', {
    name: 'maasha_check_overlaps_total',
    help: 'Requests dropped because the run before still went on.',
    labels: ['check'],
  }),
  missed: declare('counter', {
    name: 'maasha_schedule_missed_total',
    help: 'Planned times that passed without a start.',
    labels: ['check'],
    ofProcess: true,
  }),
  durations: declare('histogram', {
    name: 'maasha_check_duration_seconds',
    help: 'Wall time of a run.',
    labels: ['check'],
    ofProcess: true,
  }),
  probes: declare('counter', {
    name: 'maasha_probes_total',
    help: 'Probes that were answered: by a run of their own (ran), by one under way (joined), by a kept result (kept), before the run had ended (late), or not at all for want of room (refused).',
    labels: ['check', 'way'],
    ofProcess: true,
  }),
  accepted: declare('gauge', {
    name: 'maasha_config_last_reload_successful',
    help: '1 when the newest configuration was accepted, 0 when it was refused and the one before is in force.',
    labels: [],
    ofProcess: true,
  }),
  acceptedAt: declare('gauge', {
    name: 'maasha_config_last_reload_success_timestamp_seconds',
    help: 'When a configuration was last accepted.',
    labels: [],
    ofProcess: true,
  }),
  build: declare('gauge', {
    name: 'maasha_build_info',
    help: 'Build of this monitor, always 1.',
    labels: ['version', 'runtime'],
    ofProcess: true,
  }),
  overdue: declare('gauge', {
    name: 'maasha_check_overdue',
    help: '1 while a check has not completed for longer than schedule and deadline explain.',
    labels: ['check'],
  }),
  heartbeat: declare('gauge', {
    name: 'maasha_heartbeat_timestamp_seconds',
    help: 'Time of the monitor’s own clock at this scrape.',
    labels: [],
    ofProcess: true,
  }),
} as const;

/** All of them, for the catalogue. */
export const ownMetrics: readonly Metric[] = Object.values(own);
