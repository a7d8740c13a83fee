import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { gauge, observe, observeState, stateset } from '../../core/metric.ts';
import {
  agree,
  countPrimaries,
  timelineOf,
  type NodeView,
  type StandbyPicture,
} from './compare.ts';
import { formatDuration, type Seconds } from '../../core/time.ts';

export const up = gauge({
  name: 'maasha_postgres_up',
  help: "Whether PostgreSQL on the node serves the monitor at the node's own address: 1 = logged in and answered, 0 = silent, closed, starting, stopping or out of connections; absent when it could not be judged.",
  labels: ['node'],
});
const role = stateset({
  name: 'maasha_postgres_role',
  help: 'What PostgreSQL on the node says it is: a primary takes writes, a standby is in recovery.',
  labels: ['node'],
  states: ['primary', 'standby'],
});
export const primaries = gauge({
  name: 'maasha_postgres_primaries',
  help: 'Nodes whose PostgreSQL tells the monitor that it takes writes; 1 is right, and absent means that a node could not be judged.',
  labels: [],
});
const timeline = gauge({
  name: 'maasha_postgres_timeline',
  help: 'Timeline that PostgreSQL on the node is on by its own account; every promotion begins a new one.',
  labels: ['node'],
});
export const timelinesAgree = gauge({
  name: 'maasha_postgres_timelines_agree',
  help: 'Whether all nodes that tell the monitor their timeline are on the same one (1) or not (0); absent while fewer than two tell.',
  labels: [],
});
export const systemsDiffer = gauge({
  name: 'maasha_postgres_system_identifier_mismatch',
  help: 'Whether two nodes tell the monitor different system identifiers and so are no copies of each other (1) or all the same (0).',
  labels: [],
});
export const connected = gauge({
  name: 'maasha_postgres_replication_connected',
  help: 'Whether the primary lists this expected standby as streaming or catching up (1) or not (0); a listed standby may still be frozen.',
  labels: ['standby'],
});
const standbyExists = gauge({
  name: 'maasha_postgres_standby_exists',
  help: 'Whether the primary lists at least one expected standby as streaming or catching up (1) or none (0), so that nothing could take over.',
  labels: [],
});
export const lagBytes = gauge({
  name: 'maasha_postgres_replication_lag_bytes',
  help: 'How far the WAL that the primary has flushed is ahead of what was sent to the standby, flushed there or replayed there; 0 means level.',
  labels: ['standby', 'stage'],
});
export const lagSeconds = gauge({
  name: 'maasha_postgres_replication_lag_seconds',
  help: "Time for which the primary has been ahead of what the standby has replayed, by the monitor's own clock and samples; 0 means level, also on an idle primary.",
  labels: ['standby'],
});
export const receiverSilent = gauge({
  name: 'maasha_postgres_wal_receiver_silent_seconds',
  help: "Time since the standby's WAL receiver heard anything from its sender, keepalives included, by the standby's own clock; absent without a receiver.",
  labels: ['node'],
});
export const replayPaused = gauge({
  name: 'maasha_postgres_replay_paused',
  help: 'Whether the standby says that replay of received WAL is paused (1) or not (0).',
  labels: ['node'],
});
export const replayDelayed = gauge({
  name: 'maasha_postgres_replay_delayed',
  help: 'Whether the standby keeps replay back on purpose (recovery_min_apply_delay) and is no later than that explains (1) or not (0); absent before PostgreSQL 12, which does not tell.',
  labels: ['node'],
});
export const connectSeconds = gauge({
  name: 'maasha_postgres_connect_seconds',
  help: 'Time that the newest new connection from the monitor to PostgreSQL on the node took, log-in included; tried anew every few minutes.',
  labels: ['node'],
});

export const replicationMetrics = [
  up,
  role,
  primaries,
  timeline,
  timelinesAgree,
  systemsDiffer,
  connected,
  standbyExists,
  lagBytes,
  lagSeconds,
  receiverSilent,
  replayPaused,
  replayDelayed,
  connectSeconds,
] as const;

/** What one node says of itself; `failure` is why it did not, or not all. */
export function describeNode(view: NodeView, failure: CheckFailure | undefined): readonly Note[] {
  const node = view.node.name;
  const gaps = failure === undefined ? [] : [gap(node, failure)];
  switch (view.is) {
    case 'primary':
      return [
        ...observeServing(view),
        evidence(node, `is primary, on timeline ${view.timeline}`),
        // By its own word it replays nothing and receives from nobody.
        doesNotApply(replayPaused, { node }),
        doesNotApply(receiverSilent, { node }),
        doesNotApply(replayDelayed, { node }),
        ...gaps,
      ];
    case 'standby':
      return [...observeServing(view), ...describeStandbyState(view), ...gaps];
    case 'down':
      return [
        observe(up, 0, { node }),
        evidence(node, `does not serve: ${failure?.message ?? 'no answer'}`),
      ];
    case 'unknown':
      // Out of connections: it is alive, and yet nobody can be served anew.
      return isFull(failure) ? [observe(up, 0, { node }), ...gaps] : gaps;
  }
}

/** SQLSTATE 53300, too_many_connections: of the server, or of the account or the database. */
export const isFull = (failure: CheckFailure | undefined): boolean =>
  failure?.facts['sqlstate'] === '53300';

function observeServing(view: Extract<NodeView, { is: 'primary' | 'standby' }>): readonly Note[] {
  const node = view.node.name;
  return [
    observe(up, 1, { node }),
    ...observeState(role, view.is, { node }),
    ...(view.timeline === undefined ? [] : [observe(timeline, view.timeline, { node })]),
  ];
}

function describeStandbyState(view: Extract<NodeView, { is: 'standby' }>): readonly Note[] {
  const node = view.node.name;
  const on = view.timeline === undefined ? '' : `, on timeline ${view.timeline}`;
  if (view.state === undefined) return [evidence(node, `is a standby${on}`)];
  const { paused, receiver } = view.state;
  const notes: Note[] = [observe(replayPaused, paused, { node })];
  if (paused) notes.push(evidence(node, sayPaused(view.state.pauseState)));
  switch (receiver.is) {
    case 'absent':
      return [
        ...notes,
        // A receiver that has ended is not silent any more: that its standby is not fed is told apart.
        doesNotApply(receiverSilent, { node }),
        evidence(node, `is a standby${on}, and receives from nobody`),
      ];
    case 'hidden':
      return [...notes, gap(node, hidden('pg_stat_wal_receiver'))];
    case 'present':
      return [
        ...notes,
        ...(receiver.silent === undefined
          ? []
          : [observe(receiverSilent, receiver.silent, { node })]),
        evidence(node, `is a standby${on}; its receiver is ${receiver.status}${heard(receiver)}`),
      ];
  }
}

/** From 14 on a pause that takes effect at the next record is told from one that has. */
const sayPaused = (state: string | undefined): string =>
  state === 'pause requested'
    ? 'was asked to pause its replay and will at the next record: it then receives WAL and does not use it'
    : 'has replay paused: it receives WAL and does not use it';

const heard = ({ silent }: { readonly silent: Seconds | undefined }): string =>
  silent === undefined ? '' : ` and heard from its sender ${formatDuration(silent)} ago`;

/** The account sees that there is something, and not what: no number may come of that. */
export const hidden = (view: string): CheckFailure =>
  new CheckFailure('no_privilege', `the account may not read ${view}: GRANT pg_monitor TO it`, {
    facts: { view },
  });

/** An expected standby against its primary. `once` = no further look will follow this one. */
export function describeStandby(picture: StandbyPicture, once: boolean): readonly Note[] {
  const standby = picture.node.name;
  const { bytes, lag } = picture;
  const notes: Note[] = [];
  if (picture.connected !== undefined) {
    notes.push(observe(connected, picture.connected, { standby }));
    if (!picture.connected)
      notes.push(
        evidence(standby, 'is not listed by the primary: it would lose data if it took over'),
      );
  }
  for (const stage of ['sent', 'flush', 'replay'] as const) {
    const value = bytes[stage];
    if (value !== undefined) notes.push(observe(lagBytes, value, { standby, stage }));
  }
  if (lag !== undefined && (lag.exact || !once)) {
    notes.push(observe(lagSeconds, lag.behind, { standby }));
  }
  const says = sayLag(picture, once);
  return says === undefined ? notes : [...notes, evidence(standby, says)];
}

function sayLag({ bytes, lag }: StandbyPicture, once: boolean): string | undefined {
  if (bytes.replay === 0) return 'has replayed all that the primary has written';
  const much = bytes.replay === undefined ? 'is behind' : `is ${bytes.replay} bytes behind`;
  if (lag === undefined) {
    return bytes.replay === undefined ? undefined : `${much}; since when is not known`;
  }
  if (lag.exact) return `${much}, for ${formatDuration(lag.behind)}`;
  const least = `${much}, for at least ${formatDuration(lag.behind)}`;
  return once ? `${least}; one run cannot tell for how long it has been so` : least;
}

/** What holds for the region as a whole. */
export function describeRegion(
  region: string,
  views: readonly NodeView[],
  standbys: readonly StandbyPicture[],
): readonly Note[] {
  const count = countPrimaries(views);
  const same = agree(views.map(timelineOf));
  const one = agree(views.map(({ system }) => system));
  const listed = standbys.map((standby) => standby.connected);
  const exists = listed.includes(true) || (listed.includes(undefined) ? undefined : false);
  const names = views.filter(({ is }) => is === 'primary').map(({ node }) => node.name);
  const notes: Note[] = [];
  if (count !== undefined) notes.push(observe(primaries, count, {}));
  if (count === 0) notes.push(evidence(region, 'No node is primary: nothing can be written'));
  if (names.length > 1) notes.push(evidence(region, `${names.join(' and ')} all take writes`));
  if (same !== undefined) notes.push(observe(timelinesAgree, same, {}));
  if (one !== undefined) notes.push(observe(systemsDiffer, !one, {}));
  // Without a single primary nobody is an expected standby, and with no other node none can exist.
  if (standbys.length > 0 && exists !== undefined) notes.push(observe(standbyExists, exists, {}));
  return [...notes, ...describeAbsence(views, names)];
}

/** What cannot be: a primary that lags behind itself, and a single node that differs from others. */
function describeAbsence(
  views: readonly NodeView[],
  [standby, second]: readonly string[],
): readonly Note[] {
  return [
    // Of two primaries nobody knows which one ought to be the standby: nothing is over then.
    ...(standby === undefined || second !== undefined
      ? []
      : [connected, lagSeconds, lagBytes].map((metric) => doesNotApply(metric, { standby }))),
    ...(views.length > 1
      ? []
      : [timelinesAgree, systemsDiffer].map((metric) => doesNotApply(metric, {}))),
  ];
}
