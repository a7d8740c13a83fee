import { explainedBy } from '../../alerts/explained.ts';
import { shownOf } from '../../alerts/incident.ts';
import { shortId, type Shown } from '../../alerts/notice.ts';
import { isSettled } from '../../alerts/outbox/delivery.ts';
import type { Silence } from '../../alerts/quiet.ts';
import { isStanding, type Alert, type Alerts } from '../../alerts/state.ts';
import { nextSpan, type Window } from '../../alerts/windows.ts';
import type { Severity } from '../core/rule.ts';
import { between, isoTime, seconds, type Instant, type Seconds } from '../core/time.ts';
import type { Outlet, Picture } from './picture.ts';
import { presentOf, toldOn, wallOf } from './why.ts';

/* What the operator is shown, as plain data: times in ISO 8601, durations in seconds. */

/** How far one channel was told, or why it was not. */
export interface ToldView {
  readonly channel: string;
  readonly says: string;
}

export interface AlertView {
  readonly name: string;
  readonly region: string;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly shown: Shown | 'pending';
  readonly since: string;
  readonly ended?: string;
  /** All of it as a sentence: how it stands, and what hides it. */
  readonly present: string;
  readonly fingerprint: string;
  readonly episode?: { readonly id: string; readonly short: string };
  readonly owner?: { readonly by: string; readonly via: string; readonly until?: string };
  readonly explainedBy?: { readonly name: string; readonly episode: string };
  /** The names of those that are not told by themselves because of this one. */
  readonly explains: readonly string[];
  readonly heldUntil?: string;
  /** The id of the silence, or the name of the maintenance window. */
  readonly silence?: string;
  readonly maintenance?: string;
  /** Whether people know: never, that it is open, that it is over. */
  readonly told: 'never' | 'open' | 'closed';
  readonly channels: readonly ToldView[];
}

export interface AlertsView {
  readonly at: string;
  /** Why what is shown would not survive a restart. */
  readonly trouble?: string;
  readonly alerts: readonly AlertView[];
}

const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** All that goes on and what ended lately, the worst first; with `pending` also what may come. */
export function alertsView(picture: Picture, pending: boolean): AlertsView {
  const alerts = picture.states
    .flatMap((state) => Object.values(state.alerts).map((alert) => ({ alert, state })))
    .filter(({ alert }) => alert.episode !== undefined || (pending && isPending(alert)))
    .map(({ alert, state }) => ({ alert, view: alertView(alert, state, picture) }))
    .sort(
      (a, b) =>
        stageOf(a.alert) - stageOf(b.alert) ||
        RANK[a.alert.severity] - RANK[b.alert.severity] ||
        (a.view.since < b.view.since ? -1 : 1),
    );
  return {
    at: isoTime(picture.now),
    ...(picture.trouble !== undefined && { trouble: picture.trouble }),
    alerts: alerts.map(({ view }) => view),
  };
}

const isPending = ({ condition }: Alert): boolean => condition.is === 'pending';
const stageOf = (alert: Alert): number => (isStanding(alert) ? 0 : isPending(alert) ? 1 : 2);

/** One alert with all that can be said of it now. */
export function alertView(alert: Alert, state: Alerts, picture: Picture): AlertView {
  const { rule, severity, labels, summary, fingerprint, episode } = alert;
  return {
    name: rule,
    region: state.region,
    severity,
    labels,
    summary,
    shown: isPending(alert) ? 'pending' : shownOf(alert),
    since: isoTime(sinceOf(alert, state)),
    ...(episode?.endsAt !== undefined && !isStanding(alert) && { ended: isoTime(episode.endsAt) }),
    present: presentOf(alert, state, picture),
    fingerprint,
    ...(episode !== undefined && { episode: { id: episode.id, short: shortId(episode.id) } }),
    ...ownerOf(alert, state),
    explains:
      episode === undefined ? [] : explainedBy(state, episode.id).map(({ rule: name }) => name),
    ...(isStanding(alert) && hidingOf(alert, state)),
    told: episode?.told ?? 'never',
    channels: picture.outlets.map((outlet) => ({
      channel: outlet.name,
      says: toldOn(alert, state, outlet, picture),
    })),
  };
}

function sinceOf({ condition, episode, knowledge }: Alert, state: Alerts): Instant {
  if (condition.is === 'pending') return wallOf(state, condition.since);
  return episode?.startsAt ?? wallOf(state, knowledge.at);
}

function ownerOf({ ownership }: Alert, state: Alerts): Pick<AlertView, 'owner'> {
  if (ownership.is !== 'acked') return {};
  const { by, via, until } = ownership;
  const end = until === undefined ? {} : { until: isoTime(wallOf(state, until)) };
  return { owner: { by, via, ...end } };
}

function hidingOf({ visibility }: Alert, state: Alerts): Partial<AlertView> {
  switch (visibility.is) {
    case 'folded': {
      const { rule: name, episode } = visibility.into;
      return { explainedBy: { name, episode: shortId(episode) } };
    }
    case 'held':
      return { heldUntil: isoTime(wallOf(state, visibility.until)) };
    case 'silenced':
      return { silence: visibility.id };
    case 'maintenance':
      return { maintenance: visibility.id };
    case 'visible':
    case 'undecided':
      return {};
  }
}

export interface SilenceView extends Pick<Silence, 'by' | 'reason' | 'region' | 'rule' | 'labels'> {
  readonly id: string;
  readonly short: string;
  readonly created: string;
  readonly until: string;
  /** Seconds. */
  readonly left: number;
  readonly episode?: string;
  /** The names of the alerts that it hides now. */
  readonly hides: readonly string[];
}

export interface WindowView {
  readonly name: string;
  readonly region?: string;
  readonly rules?: readonly string[];
  readonly from: string;
  readonly to: string;
}

export interface SilencesView {
  readonly at: string;
  readonly silences: readonly SilenceView[];
  readonly windows: { readonly inForce: readonly WindowView[]; readonly next?: WindowView };
}

export function silencesView(picture: Picture): SilencesView {
  const { now, windows } = picture;
  const spans = windows
    .flatMap((window) => {
      const next = nextSpan(window, now);
      return next === undefined ? [] : [{ window, ...next }];
    })
    .sort((a, b) => a.from - b.from);
  const coming = spans.find(({ from }) => from > now);
  return {
    at: isoTime(now),
    silences: picture.silences
      .filter(({ until }) => until > now)
      .map((silence) => silenceView(silence, picture)),
    windows: {
      inForce: spans.filter(({ from }) => from <= now).map(windowView),
      ...(coming !== undefined && { next: windowView(coming) }),
    },
  };
}

interface Planned {
  readonly window: Window;
  readonly from: Instant;
  readonly to: Instant;
}

const windowView = ({ window: { name, region, rules }, from, to }: Planned): WindowView => ({
  name,
  ...(region !== undefined && { region }),
  ...(rules !== undefined && { rules }),
  from: isoTime(from),
  to: isoTime(to),
});

export function silenceView(silence: Silence, { now, states }: Picture): SilenceView {
  const { id, created, until, episode, ...scope } = silence;
  const hidden = states
    .flatMap(({ alerts }) => Object.values(alerts).filter(isStanding))
    .filter(({ visibility }) => visibility.is === 'silenced' && visibility.id === id);
  return {
    id,
    short: shortId(id),
    ...scope,
    created: isoTime(created),
    until: isoTime(until),
    left: Math.round(between(now, until)),
    ...(episode !== undefined && { episode }),
    hides: hidden.map(({ rule }) => rule),
  };
}

export interface DeliveryView {
  readonly channel: string;
  readonly waiting: number;
  readonly doubtful: number;
  readonly dead: number;
  /** How long the oldest that is not settled has waited. */
  readonly oldest?: Seconds;
  /** Why the channel does not deliver at present. */
  readonly parked?: string;
  readonly mirror?: Outlet['mirror'];
}

/** What each channel still has to say. */
export const deliveriesView = ({ now, outlets, deliveries }: Picture): readonly DeliveryView[] =>
  outlets.map(({ name, trouble, mirror }) => {
    const rows = deliveries.filter(({ channel }) => channel === name);
    const open = rows.filter((row) => !isSettled(row));
    const oldest = Math.max(0, ...open.map(({ created }) => between(created, now)));
    return {
      channel: name,
      waiting: open.filter(({ stage }) => stage !== 'doubtful').length,
      doubtful: open.filter(({ stage }) => stage === 'doubtful').length,
      dead: rows.filter(({ stage }) => stage === 'dead').length,
      ...(open.length > 0 && { oldest: seconds(oldest) }),
      ...(trouble !== undefined && { parked: trouble }),
      ...(mirror !== undefined && { mirror }),
    };
  });
