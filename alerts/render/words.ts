import {
  between,
  formatDuration,
  isoTime,
  seconds,
  type Instant,
  type Seconds,
} from '../../src/core/time.ts';
import type { Labels } from '../identity.ts';
import {
  ends,
  shortId,
  type Explained,
  type Notice,
  type NoticeKind,
  type Shown,
} from '../notice.ts';

/*
 * The words that every channel uses, so that a page, a mail and a list say the same of one alert.
 * Nothing here is escaped: each channel escapes for its own markup.
 */

const STATES: Readonly<Record<Shown, string>> = {
  firing: 'FIRING',
  acknowledged: 'ACKED',
  recovering: 'RECOVERING',
  flapping: 'FLAPPING',
  stale: 'STALE',
  explained: 'EXPLAINED',
  silenced: 'SILENCED',
  resolved: 'RESOLVED',
  retired: 'RETIRED',
};

/** How it stands, as one word in capitals: never told by a colour alone. */
export const stateWord = ({ kind, standing }: Pick<Notice, 'kind' | 'standing'>): string =>
  kind === 'test' ? 'TEST' : STATES[standing];

const NAMES: Readonly<Record<string, string>> = {
  Dns: 'DNS',
  Rpc: 'RPC',
  Vip: 'VIP',
  Postgres: 'PostgreSQL',
  Maas: 'MAAS',
};

/** `MaasHaVipUnreachable` as people say it: `VIP unreachable`. */
export function titleOf(rule: string): string {
  const words = rule.replace(/^MaasHa(?=.)/, '').split(/(?<=[a-z0-9])(?=[A-Z])/);
  return words
    .map((word, index) => NAMES[word] ?? (index === 0 ? word : word.toLowerCase()))
    .join(' ');
}

/** What an alert is about: `node rc2, zone maas3`; empty for what concerns the whole region. */
export const subjectOf = (labels: Labels): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label} ${value}`)
    .join(', ');

/** Title and subject: `DNS slave down (node rc2)`. */
export function nameOf({ rule, labels }: Pick<Explained, 'rule' | 'labels'>): string {
  const subject = subjectOf(labels);
  return subject === '' ? titleOf(rule) : `${titleOf(rule)} (${subject})`;
}

// Beyond it a moment is none (ECMA-262, time values).
const LAST = 8.64e15;

/** `2026-11-23 10:02:07 UTC`; something that is no moment is said to be none. */
export const utc = (moment: Instant): string =>
  Math.abs(moment) <= LAST
    ? `${isoTime(moment)
        .replace('T', ' ')
        .replace(/\.\d+Z$/, '')} UTC`
    : 'an unknown time';

/** `10:02 UTC` on the day of `at`, else with the date. */
export const shortUtc = (moment: Instant, at: Instant): string => {
  const whole = utc(moment).replace(/:\d\d UTC$/, ' UTC');
  const [day = ''] = utc(at).split(' ');
  return whole.startsWith(`${day} `) ? whole.slice(day.length + 1) : whole;
};

type Timed = Pick<Notice, 'at' | 'episode'>;

/** How long it has gone on, or went on. Never negative, whatever the clock did. */
export const lasted = ({ at, episode }: Timed): Seconds =>
  seconds(Math.max(0, Math.round(between(episode.startsAt, episode.endsAt ?? at))));

const duration = (notice: Timed): string => formatDuration(lasted(notice));

/** Since when and how long, or from when until when: one line each. */
export function whenLines(notice: Timed): readonly string[] {
  const { startsAt, endsAt } = notice.episode;
  if (endsAt === undefined) {
    const isNew = between(startsAt, notice.at) < 1;
    return [`Since ${utc(startsAt)}${isNew ? '' : ` (for ${duration(notice)})`}`];
  }
  return [`From ${utc(startsAt)}`, `Until ${utc(endsAt)} (after ${duration(notice)})`];
}

/** The one line that stands alone: `CRITICAL firing: VIP unreachable – region maas3 – started 10:02 UTC`. */
export function headline(notice: Notice): string {
  if (notice.kind === 'test') return `TEST of the alert channel – region ${notice.region}`;
  const state = `${notice.severity.toUpperCase()} ${notice.standing}`;
  return `${state}: ${nameOf(notice)} – region ${notice.region} – ${timeOf(notice)}`;
}

function timeOf(notice: Notice): string {
  const { episode, at, collapsed = false } = notice;
  const start = shortUtc(episode.startsAt, at);
  if (collapsed) return `fired ${start} to ${shortUtc(episode.endsAt ?? at, at)}, told late`;
  return ends(notice) ? `lasted ${duration(notice)}` : `started ${start}`;
}

const why = ({ reason }: Notice): string => (reason === '' ? '' : ` (${reason})`);

const ownerOf = ({ owner }: Notice): string =>
  owner === undefined ? 'nobody' : `${owner.by} (${owner.via})`;

const NEWS: Readonly<Record<NoticeKind, (notice: Notice) => string>> = {
  open: (notice) => `Opened${why(notice)}.`,
  update: (notice) => `Changed${why(notice)}.`,
  close: (notice) => `Resolved after ${duration(notice)}${why(notice)}.`,
  reopen: (notice) => `It is back: the same episode goes on${why(notice)}.`,
  fold: ({ root }) =>
    `Explained by ${root === undefined ? 'another alert' : titleOf(root.rule)}: no more is told of it by itself.`,
  unfold: (notice) => `No longer explained by another alert, and still there${why(notice)}.`,
  mute: (notice) => `Silenced${why(notice)}: it goes on unseen.`,
  unmute: (notice) => `No longer silenced, and still there${why(notice)}.`,
  flapping: (notice) => `It comes and goes${why(notice)}: quiet until it is steady.`,
  steady: (notice) => `Steady again${why(notice)}.`,
  retire: (notice) => `No longer monitored, which is no recovery${why(notice)}.`,
  acknowledge: (notice) => `Acknowledged by ${ownerOf(notice)}.`,
  unacknowledge: (notice) => `No longer acknowledged${why(notice)}.`,
  remind: (notice) => `Still there after ${duration(notice)}${why(notice)}.`,
  escalate: (notice) => `Escalated after ${duration(notice)}${why(notice)}.`,
  expiring: (notice) => `The silence that hides it ends soon, and it is still there${why(notice)}.`,
  test: (notice) => `This is a test of the alert channel: nothing is wrong${why(notice)}.`,
};

/** What happened just now, as one sentence: the news of a thread's reply or of a mail's first line. */
export const whatHappened = (notice: Notice): string => NEWS[notice.kind](notice);

/** A name and what is known of it; both raw. */
export type Fact = readonly [name: string, value: string];

/** The facts that every channel shows, in the order of their weight; what is not known is left out. */
export function factLines(notice: Notice): readonly Fact[] {
  const { severity, labels, region, root, holders } = notice;
  const subject = subjectOf(labels);
  return [
    ['Severity', severity],
    ['When', whenLines(notice).join('; ')],
    ['Where', subject === '' ? `region ${region}` : `region ${region}, ${subject}`],
    ...(root === undefined ? [] : [['Root cause', titleOf(root.rule)] as const]),
    ...(holders.length === 0 ? [] : [['Who holds what', holders.join('; ')] as const]),
    ['Taken by', ownerOf(notice)],
  ];
}

/** What an alert explains: `explains 2: DNS slave down (node rc2); …`; empty when it is nothing. */
export const explainedLine = ({ explains }: Pick<Notice, 'explains'>): string =>
  explains.length === 0 ? '' : `explains ${explains.length}: ${explains.map(nameOf).join('; ')}`;

/** Which message this is, for those who look it up: rule, episode, monitor. */
export const originLine = ({ rule, episode }: Notice, monitor: string): string =>
  `${rule}, episode ${shortId(episode.id)}, told by ${monitor}`;

const timesLate = ({ at, episode }: Timed): string =>
  `Fired ${utc(episode.startsAt)} to ${utc(episode.endsAt ?? at)}; this notice is late.`;

/** What has to be said besides: that the notice is late, what was left out. */
export function remarksOf(notice: Notice): readonly string[] {
  const { remark = '', relapses = 0, collapsed = false } = notice;
  return [
    ...(collapsed ? [timesLate(notice)] : []),
    ...(remark === '' ? [] : [remark]),
    ...(relapses > 0 ? [`Changes in between that are left out: ${relapses}.`] : []),
  ];
}
