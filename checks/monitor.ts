import { defineCheck, doesNotApply, evidence, gap, skip, type Note } from '../src/core/check.ts';
import type { AlertPath } from '../src/core/alert-path.ts';
import { CheckFailure } from '../src/core/failure.ts';
import { gauge, observe } from '../src/core/metric.ts';
import type { DeliveryFacts, MonitorFacts, WatchedCheck } from '../src/core/ports/monitor.ts';
import type { Rule } from '../src/core/rule.ts';
import { between, formatDuration, seconds, type Clock, type Seconds } from '../src/core/time.ts';

/*
 * The monitor looks at itself as it looks at everything else. What has died cannot say so: for that
 * there is the dead man, and a second monitor.
 */

const overdue = gauge({
  name: 'maasha_monitor_check_overdue',
  help: 'Whether this check has not completed in this region for longer than its schedule and deadline explain (1) or has (0).',
  labels: ['check', 'watched'],
});
const deliveryFailing = gauge({
  name: 'maasha_monitor_delivery_failing',
  help: 'Whether this channel does not deliver: a critical message waits for too long, it is parked, or its self-test fails (1), or all is well (0).',
  labels: ['channel'],
});
const deliveryDead = gauge({
  name: 'maasha_monitor_delivery_given_up',
  help: 'Messages to this channel that were given up within the last hour.',
  labels: ['channel'],
});
const deliveryOldest = gauge({
  name: 'maasha_monitor_delivery_oldest_seconds',
  help: 'How long the oldest message that is due has waited for this channel; 0 while none waits.',
  labels: ['channel'],
});
const storeDurable = gauge({
  name: 'maasha_monitor_store_durable',
  help: 'Whether what is to be told survives the end of the monitor (1) or is only in memory (0).',
  labels: [],
});
const storeReplaced = gauge({
  name: 'maasha_monitor_store_replaced',
  help: 'Whether a broken store was moved aside and begun anew within the last hour (1) or not (0).',
  labels: [],
});
const throughRegion = gauge({
  name: 'maasha_monitor_alert_path_through_region',
  help: 'Whether the way to this channel leads through a watched region, by its address, its name server or its proxy (1) or not (0).',
  labels: ['channel'],
});
const clockJump = gauge({
  name: 'maasha_monitor_clock_jump_seconds',
  help: 'Size of the greatest step of the wall clock of the monitor in the last ten minutes, in either direction; 0 when there was none.',
  labels: [],
});
const configRejected = gauge({
  name: 'maasha_monitor_config_rejected',
  help: 'Whether the newest configuration was refused and the one before is in force (1) or not (0).',
  labels: [],
});
const deadManFailing = gauge({
  name: 'maasha_monitor_dead_man_failing',
  help: 'Whether the watcher outside has accepted no ping for three periods (1) or has (0).',
  labels: [],
});
const deadManSilent = gauge({
  name: 'maasha_monitor_dead_man_silent_seconds',
  help: 'Time since the watcher outside last accepted a ping or, before the first, since the monitor began to send.',
  labels: [],
});

const rules: readonly Rule[] = [
  {
    name: 'MaasHaMonitorCheckOverdue',
    severity: 'warning',
    metric: overdue,
    when: { equal: 1 },
    for: seconds(60),
    summary: 'The check {check} does not complete on {watched}: what it looks at is not watched',
  },
  {
    name: 'MaasHaMonitorDeliveryFailing',
    severity: 'critical',
    metric: deliveryFailing,
    when: { equal: 1 },
    for: seconds(0),
    summary: 'The channel {channel} does not deliver: alerts do not reach who reads it',
  },
  {
    name: 'MaasHaMonitorStoreNotDurable',
    severity: 'critical',
    metric: storeDurable,
    when: { equal: 0 },
    for: seconds(30),
    summary: 'The store cannot be written: a restart of the monitor would forget what goes on',
  },
  {
    name: 'MaasHaMonitorStoreReplaced',
    severity: 'warning',
    metric: storeReplaced,
    when: { equal: 1 },
    for: seconds(0),
    summary: 'The store was broken and was begun anew: what went on before it is forgotten',
  },
  {
    name: 'MaasHaMonitorAlertPathThroughRegion',
    severity: 'warning',
    metric: throughRegion,
    when: { equal: 1 },
    for: seconds(0),
    summary: 'The way to the channel {channel} leads through a region that it has to report on',
  },
  {
    name: 'MaasHaMonitorClockJumped',
    severity: 'warning',
    metric: clockJump,
    when: { above: 5 },
    for: seconds(0),
    summary: 'The clock of the monitor jumped by {value} s: times that it shows are doubtful',
  },
  {
    name: 'MaasHaMonitorConfigRejected',
    severity: 'warning',
    metric: configRejected,
    when: { equal: 1 },
    for: seconds(0),
    summary: 'The new configuration was refused: the monitor goes on with the one before',
  },
  {
    name: 'MaasHaMonitorDeadManFailing',
    severity: 'warning',
    metric: deadManFailing,
    when: { equal: 1 },
    for: seconds(0),
    // Without a store it keeps silent on purpose, and that alert says why.
    inhibitedBy: [{ alert: 'MaasHaMonitorStoreNotDurable' }],
    summary: 'The watcher outside takes no ping: it would not notice the end of the monitor',
  },
];

/** A store that was begun anew is told for this long: somebody has to look at what is lost. */
const REPLACED = seconds(3600);
/** Pings that may be missed before it counts: the watcher's own patience should be longer. */
const MISSED = 3;

export default defineCheck({
  name: 'monitor',
  about:
    'Whether the monitor itself works: its checks, store, clock, channels and outside watcher.',
  scope: 'monitor',
  every: '10s',
  timeout: seconds(2),
  metrics: [
    overdue,
    deliveryFailing,
    deliveryDead,
    deliveryOldest,
    storeDurable,
    storeReplaced,
    throughRegion,
    clockJump,
    configRejected,
    deadManFailing,
    deadManSilent,
  ],
  rules,
  run: (_, { io, clock }) => Promise.resolve(notesOf(io.monitor.facts(), clock)),
});

const NO_SERVICE = 'no service runs here that could look at itself';

function notesOf(facts: MonitorFacts | undefined, clock: Clock): readonly Note[] {
  if (facts === undefined) return [skip('monitor', 'config', NO_SERVICE)];
  return [
    ...(facts.delivery ?? []).flatMap(deliveryNotes),
    ...storeNotes(facts.store, clock),
    // This run is the proof that it is not overdue itself.
    ...facts.checks.filter(({ check }) => check !== 'monitor').flatMap(checkNotes),
    ...clockNotes(facts.clock),
    ...configNotes(facts.config),
    ...(facts.alertPath ?? []).flatMap(pathNotes),
    ...deadManNotes(facts.deadMan),
  ];
}

const checkNotes = ({ check, region, silent }: WatchedCheck): readonly Note[] => [
  observe(overdue, silent !== undefined, { check, watched: region }),
  ...(silent === undefined
    ? []
    : [evidence(`${check} on ${region}`, `has not completed for ${formatDuration(silent)}`)]),
];

function deliveryNotes({ channel, failing, dead, oldest, why }: DeliveryFacts): readonly Note[] {
  const says = [
    ...(failing ? [`does not deliver: ${why ?? 'it does not say why'}`] : []),
    ...(oldest !== undefined && failing ? [`a message waits for ${formatDuration(oldest)}`] : []),
    ...(dead > 0 ? [`${dead} messages were given up within the last hour`] : []),
  ];
  return [
    observe(deliveryFailing, failing, { channel }),
    observe(deliveryDead, dead, { channel }),
    observe(deliveryOldest, oldest ?? 0, { channel }),
    ...says.map((each) => evidence(channel, each)),
  ];
}

function storeNotes(store: MonitorFacts['store'], clock: Clock): readonly Note[] {
  if (store === undefined) return [];
  const { durable, why, replaced } = store;
  const lately =
    replaced !== undefined && between(replaced.at, clock.steady()) < REPLACED
      ? replaced
      : undefined;
  return [
    observe(storeDurable, durable, {}),
    observe(storeReplaced, lately !== undefined, {}),
    ...(durable ? [] : [evidence('store', `cannot be written: ${why ?? 'it does not say why'}`)]),
    ...(lately === undefined
      ? []
      : [
          evidence(
            'store',
            `was broken; it is kept${lately.to === undefined ? '' : ` as ${lately.to}`}`,
          ),
        ]),
  ];
}

function clockNotes({ jumps }: MonitorFacts['clock']): readonly Note[] {
  return [
    observe(clockJump, Math.max(0, ...jumps.map(({ by }) => Math.abs(by))), {}),
    ...jumps.map(({ by }) => {
      const way = by < 0 ? 'back' : 'forwards';
      return evidence('clock', `went ${way} by ${formatDuration(seconds(Math.abs(by)))}`);
    }),
  ];
}

const configNotes = ({ rejected, problems }: MonitorFacts['config']): readonly Note[] => [
  observe(configRejected, rejected, {}),
  ...(rejected ? problems.map((problem) => evidence('configuration', problem)) : []),
];

/** What cannot be told is no health; what leads through the region is bad whatever else is hidden. */
function pathNotes({ channel, through, unresolved, hidden }: AlertPath): readonly Note[] {
  const subject = `way to ${channel}`;
  const bad = through.length > 0;
  const seen = bad || (unresolved.length === 0 && hidden.length === 0);
  return [
    ...(seen ? [observe(throughRegion, bad, { channel })] : []),
    ...through.map((each) => evidence(subject, each)),
    ...unresolved.map((each) => gap(subject, new CheckFailure('resolve', each))),
    ...hidden.map((each) => skip(subject, 'config', each)),
  ];
}

function deadManNotes(deadMan: MonitorFacts['deadMan']): readonly Note[] {
  if (deadMan === undefined)
    return [
      skip('dead man', 'config', 'none is configured: nobody notices if the monitor dies'),
      doesNotApply(deadManFailing, {}),
    ];
  const { every, silent, why } = deadMan;
  const patience: Seconds = seconds(MISSED * every);
  return [
    observe(deadManFailing, silent > patience, {}),
    observe(deadManSilent, silent, {}),
    ...(why === undefined ? [] : [evidence('dead man', why)]),
  ];
}
