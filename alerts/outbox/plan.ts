import type { Severity } from '../../src/core/rule.ts';
import { instant, type Instant, type Seconds } from '../../src/core/time.ts';
import { begins, ends, type Notice } from '../notice.ts';
import type { Delivery } from './delivery.ts';

/** Which notices a channel gets. */
export interface Route {
  readonly channel: string;
  /** The mildest severity that it is told of. */
  readonly from: Severity;
  /** Absent: all. */
  readonly regions?: readonly string[];
  /** It is told of every change, not only of those for the worse. */
  readonly edits: boolean;
  /** Told only when an alert has escalated so far; 0: at once. */
  readonly level: number;
}

/** What a plan is made for. */
export interface Planning {
  readonly routes: readonly Route[];
  /** All deliveries of the notice's episode so far, settled ones included. */
  readonly deliveries: readonly Delivery[];
  readonly now: Instant;
  /** A new alert is not sent before this has passed, so that what it explains can be in it. */
  readonly gather: Seconds;
  /** Somebody else tells people (an Alertmanager in charge): nothing begins, but what began is ended. */
  readonly elsewhere?: boolean;
}

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/**
 * The deliveries that one notice makes, and those before it that it makes superfluous.
 *
 * Whoever was told of a begin is told of its end, exactly once (the close contract): the same channels,
 * whatever the routes say by then. A begin that surely did not get through is told together with its end.
 */
export function plan(notice: Notice, planning: Planning): readonly Delivery[] {
  const names = new Set([
    ...planning.deliveries.map(({ channel }) => channel),
    ...planning.routes.map(({ channel }) => channel),
  ]);
  return [...names].flatMap((channel) => {
    const past = planning.deliveries
      .filter((each) => each.channel === channel)
      .sort((a, b) => a.seq - b.seq);
    return planFor(channel, notice, past, planning);
  });
}

function planFor(
  channel: string,
  notice: Notice,
  past: readonly Delivery[],
  planning: Planning,
): readonly Delivery[] {
  const fresh = (kind: Notice['kind'], change: Partial<Notice> = {}): Delivery =>
    row(channel, { ...notice, ...change, kind }, past, planning);
  const open = openIn(past);
  if (ends(notice)) return open === undefined ? [] : end(open, past, fresh, notice.kind, planning);
  if (open !== undefined && HIDING.includes(notice.kind) && isUntried(open))
    return unsent(past, planning.now);
  if (open !== undefined)
    return follow(fresh(notice.kind === 'open' ? 'update' : notice.kind), past, planning);
  return begin(channel, notice, past, planning, fresh);
}

/** What hides an alert: one that was never sent need not be sent now. */
const HIDING: readonly Notice['kind'][] = ['fold', 'mute'];

const isUntried = ({ stage, attempts }: Delivery): boolean => stage === 'queued' && attempts === 0;

type Fresh = (kind: Notice['kind'], change?: Partial<Notice>) => Delivery;

/** The delivery that began the episode for this channel and is not ended yet; a dead one counts: it is owed a word. */
const openIn = (past: readonly Delivery[]): Delivery | undefined => {
  const begun = past.findLast(
    ({ notice, stage }) => (begins(notice) || notice.kind === 'reopen') && stage !== 'superseded',
  );
  const over = past.some(
    ({ notice, seq, stage }) =>
      ends(notice) && begun !== undefined && seq > begun.seq && stage !== 'superseded',
  );
  return over ? undefined : begun;
};

const wasEnded = (past: readonly Delivery[]): boolean => past.some(({ notice }) => ends(notice));

/**
 * What a notice is to somebody who knows nothing of the episode yet. An alert that has become severe
 * enough for this channel, or is shown again after it was hidden from the start, is a new one.
 */
const TO_STRANGERS: Readonly<Partial<Record<Notice['kind'], 'open' | 'escalate' | 'expiring'>>> = {
  open: 'open',
  reopen: 'open',
  update: 'open',
  unfold: 'open',
  unmute: 'open',
  escalate: 'escalate',
  expiring: 'expiring',
};

/** Somebody who knows nothing of it yet, or was told that it was over. */
function begin(
  channel: string,
  notice: Notice,
  past: readonly Delivery[],
  planning: Planning,
  fresh: Fresh,
): readonly Delivery[] {
  const { now, gather } = planning;
  const kind = TO_STRANGERS[notice.kind];
  if (planning.elsewhere === true || kind === undefined) return [];
  if (notice.kind === 'reopen' && wasEnded(past)) return [fresh('reopen')];
  if (!isWanted(channel, notice, planning)) return [];
  return [
    notice.kind === 'open' ? { ...fresh(kind), due: instant(now + gather * 1000) } : fresh(kind),
  ];
}

const isWanted = (channel: string, notice: Notice, { routes }: Planning): boolean =>
  routes.some(
    (route) =>
      route.channel === channel && route.level <= (notice.level ?? 0) && reaches(route, notice),
  );

const reaches = ({ from, regions }: Route, { severity, region }: Notice): boolean =>
  RANK[severity] >= RANK[from] && (regions === undefined || regions.includes(region));

const SUPERSEDABLE: readonly Notice['kind'][] = ['update', 'remind'];

/** One more word to somebody who knows: it replaces news that are still waiting. */
function follow(
  next: Delivery,
  past: readonly Delivery[],
  { now, routes }: Planning,
): readonly Delivery[] {
  if (next.notice.kind === 'escalate' && !reachesSomebody(next.notice, routes)) return [];
  if (next.notice.kind === 'update' && !isNews(next.notice, past, editsIn(next, routes))) return [];
  const stale = past.filter(
    ({ stage, notice }) => stage === 'queued' && SUPERSEDABLE.includes(notice.kind),
  );
  return [...stale.map((each) => superseded(each, now)), next];
}

/** Without anybody to escalate to it would be a reminder, and those have their own times. */
const reachesSomebody = ({ level = 0 }: Notice, routes: readonly Route[]): boolean =>
  routes.some((route) => route.level === level);

const editsIn = ({ channel }: Delivery, routes: readonly Route[]): boolean =>
  routes.some((route) => route.channel === channel && route.edits);

/**
 * What was gathered before the first message went out may be announced once more: it is not told twice.
 * And where each message is a new one, only what is graver is worth it.
 */
function isNews(notice: Notice, past: readonly Delivery[], edits: boolean): boolean {
  const last = past.findLast(({ stage }) => stage !== 'superseded')?.notice;
  if (last === undefined) return true;
  if (!edits) return RANK[notice.severity] > RANK[last.severity];
  const gist = ({ summary, severity, standing, explains }: Notice): string =>
    JSON.stringify([
      summary,
      severity,
      standing,
      explains.map(({ rule, labels }) => [rule, labels]),
    ]);
  return gist(last) !== gist(notice);
}

/** The end. What surely has not been sent by now need not be. */
function end(
  open: Delivery,
  past: readonly Delivery[],
  fresh: Fresh,
  kind: Notice['kind'],
  { now }: Planning,
): readonly Delivery[] {
  const unheard = open.stage === 'queued' || open.stage === 'dead';
  const close = unheard && open.notice.kind !== 'reopen' ? { collapsed: true } : {};
  return [...unsent(past, now), fresh(kind, close)];
}

const unsent = (past: readonly Delivery[], now: Instant): readonly Delivery[] =>
  past.filter(({ stage }) => stage === 'queued').map((each) => superseded(each, now));

const superseded = (delivery: Delivery, now: Instant): Delivery => ({
  ...delivery,
  stage: 'superseded',
  settled: now,
});

function row(
  channel: string,
  notice: Notice,
  past: readonly Delivery[],
  { now }: Planning,
): Delivery {
  const seq = (past.at(-1)?.seq ?? 0) + 1;
  const { id: episode } = notice.episode;
  return {
    id: `${episode}/${channel}/${notice.kind}/${seq}`,
    channel,
    episode,
    seq,
    notice,
    stage: 'queued',
    created: now,
    due: now,
    attempts: 0,
  };
}

/**
 * A begin that still waits for what it explains, as it would be told now; undefined when there is
 * nothing new in it.
 */
export function refreshed(delivery: Delivery, notice: Notice): Delivery | undefined {
  if (!isUntried(delivery) || !begins(delivery.notice)) return undefined;
  const { kind, reason, at } = delivery.notice;
  const next = { ...notice, kind, reason, at };
  return JSON.stringify(next) === JSON.stringify(delivery.notice)
    ? undefined
    : { ...delivery, notice: next };
}
