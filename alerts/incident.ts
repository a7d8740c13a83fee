import type { Severity } from '../src/core/rule.ts';
import type { Instant } from '../src/core/time.ts';
import type { Explained, Notice, NoticeKind, Shown } from './notice.ts';
import { explainedBy, gravityOf } from './explained.ts';
import { isStanding, type Alert, type Alerts, type Standing } from './state.ts';
import { UNTOLD, type Kind, type Told, type Transition } from './transition.ts';

/** What is around an alert at the moment at which people are told of it. */
export interface Scene {
  readonly evidence: (alert: Alert) => readonly string[];
  readonly holders: readonly string[];
  readonly runbook: (alert: Alert, whole: boolean) => Notice['runbook'];
  readonly dashboard?: string;
  /** Something to be said besides: who silenced it, until when. */
  readonly remark: (transition: Transition, alert: Alert | undefined) => string | undefined;
}

const QUIET: ReadonlySet<Kind> = new Set<Kind>(UNTOLD);

/** Whether people may be told of it. */
export const isForPeople = (
  transition: Transition,
): transition is Transition & { readonly kind: Told } => !QUIET.has(transition.kind);

/**
 * What people are told by one transition, with all that stands around it; undefined when there is no
 * episode to speak of.
 */
export function noticeOf(transition: Transition, state: Alerts, scene: Scene): Notice | undefined {
  const { episode } = transition;
  const alert = state.alerts[transition.fingerprint];
  if (episode === undefined || !isForPeople(transition)) return undefined;
  const { kind } = transition;
  const remark = scene.remark(transition, alert);
  const explained = explainedBy(state, episode.id);
  return {
    ...told(transition, transition.kind, transition.reason, transition.at),
    severity: graver(transition.severity, explained, alert),
    region: state.region,
    standing: ENDED[kind] ?? 'firing',
    episode,
    explains: explained.map(inShort),
    holders: scene.holders,
    evidence: [],
    ...(alert !== undefined && asItIs(alert, kind, scene)),
    ...(transition.into !== undefined && {
      root: { rule: transition.into.rule, episode: transition.into.episode },
    }),
    ...(scene.dashboard !== undefined && { dashboard: scene.dashboard }),
    ...(remark !== undefined && { remark }),
    ...(transition.level !== undefined && { level: transition.level }),
  };
}

const told = (
  { rule, labels, summary }: Transition,
  kind: NoticeKind,
  reason: string,
  at: Instant,
) => ({ kind, reason, at, rule, labels, summary });

/** What an incident is told as: as grave as the gravest of it, and to its end as grave as it was told before. */
const graver = (
  severity: Severity,
  explained: readonly Standing[],
  alert: Alert | undefined,
): Severity => {
  const before = alert?.episode?.said?.gravity;
  return gravityOf({ severity }, [
    ...explained,
    ...(before === undefined ? [] : [{ severity: before }]),
  ]);
};

const inShort = ({ rule, labels, summary }: Standing): Explained => ({ rule, labels, summary });

const ENDED: Readonly<Partial<Record<NoticeKind, Shown>>> = {
  close: 'resolved',
  retire: 'retired',
};

/** What only an alert that is still known has. */
const asItIs = (alert: Alert, kind: NoticeKind, scene: Scene): Partial<Notice> => ({
  standing: ENDED[kind] ?? shownOf(alert),
  evidence: scene.evidence(alert),
  ...surroundings(alert, kind === 'open' || kind === 'reopen' || kind === 'escalate', scene),
});

function surroundings(alert: Alert, begins: boolean, scene: Scene): Partial<Notice> {
  const { ownership } = alert;
  const runbook = scene.runbook(alert, begins);
  const relapses = alert.stability.relapses.length;
  return {
    ...(relapses > 0 && { relapses }),
    ...(ownership.is === 'acked' && { owner: { by: ownership.by, via: ownership.via } }),
    ...(runbook !== undefined && { runbook }),
  };
}

/** How an alert stands, as one word: what hides it comes before what it is. */
export function shownOf(alert: Alert): Shown {
  const { visibility, stability, ownership, knowledge, condition } = alert;
  if (condition.is === 'resolved' || condition.is === 'inactive') return 'resolved';
  if (visibility.is === 'folded') return 'explained';
  if (visibility.is === 'silenced' || visibility.is === 'maintenance') return 'silenced';
  if (knowledge.is === 'stale') return 'stale';
  if (stability.is === 'flapping') return 'flapping';
  if (condition.is === 'recovering') return 'recovering';
  return ownership.is === 'acked' ? 'acknowledged' : 'firing';
}

/** An open notice of an episode as it would be worded now: what waits to be sent is kept up to date with it. */
export function presentNotice(
  before: Notice,
  state: Alerts,
  scene: Scene,
  fingerprint: string,
): Notice | undefined {
  const alert = state.alerts[fingerprint];
  if (alert === undefined || !isStanding(alert) || alert.episode.id !== before.episode.id)
    return undefined;
  const explained = explainedBy(state, alert.episode.id);
  return {
    ...before,
    severity: graver(alert.severity, explained, alert),
    summary: alert.summary,
    standing: shownOf(alert),
    explains: explained.map(inShort),
    evidence: scene.evidence(alert),
    holders: scene.holders,
    ...surroundings(alert, true, scene),
  };
}

/** What one alert is, for lists: `MaasHaNodeDown node=rc2`. */
export const nameOf = ({ rule, labels }: Pick<Alert, 'rule' | 'labels'>): string =>
  [rule, ...Object.entries(labels).map(([name, value]) => `${name}=${value}`)].join(' ');

/** An alert in the words of an Alertmanager's annotations: all that changes, since labels are its name. */
export function annotationsOf(
  alert: Alert,
  state: Alerts,
  scene: Scene,
): Readonly<Record<string, string>> {
  const { episode, visibility, ownership, summary, value } = alert;
  const runbook = scene.runbook(alert, false);
  const explains = episode === undefined ? [] : explainedBy(state, episode.id);
  const found: Readonly<Record<string, string | undefined>> = {
    summary,
    value: String(value),
    description: scene.evidence(alert).join('\n').slice(0, 1024),
    runbook_url: runbook?.url,
    dashboard_url: scene.dashboard,
    root_cause: visibility.is === 'folded' ? visibility.into.rule : undefined,
    explains: explains.map(nameOf).join('\n').slice(0, 1024),
    acknowledged_by: ownership.is === 'acked' ? ownership.by : undefined,
    episode_id: episode?.id,
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, text]) =>
      text === undefined || text === '' ? [] : [[name, text]],
    ),
  );
}
