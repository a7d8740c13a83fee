import { z } from 'zod';
import { shortId } from '../../../alerts/notice.ts';
import { nameOf } from '../../../alerts/render/words.ts';
import { instant, seconds, type Instant, type Seconds } from '../../core/time.ts';
import type { Entry } from '../../store/store.ts';
import type { Picture } from '../picture.ts';
import type { Incident } from './incidents.ts';
import { NOBODY_WATCHED, NOT_SEEN, type Mark, type Strips } from './past.ts';
import { SIGN_OF_SEVERITY, type Sign } from './signs.ts';

/** A stretch of time; without an end it goes on. */
export interface Span {
  readonly from: Instant;
  readonly to?: Instant;
  readonly sign: Sign;
  readonly says: string;
}

/** One lane: how one thing was. Where there is no span nobody watched. */
export interface Lane {
  readonly name: string;
  readonly spans: readonly Span[];
}

/** Something that happened at a moment. */
export interface Happening {
  readonly at: Instant;
  readonly sign: Sign;
  readonly says: string;
}

/** The last day, or as much of it as was watched. */
export interface Timeline {
  /** How far it reaches back. */
  readonly length: Seconds;
  /** Since when this region is watched, as far as is remembered; absent: not yet. */
  readonly since?: Instant;
  readonly lanes: readonly Lane[];
  readonly incidents: readonly Span[];
  readonly told: readonly Happening[];
  /** All of it in words, the newest first. */
  readonly happenings: readonly Happening[];
  /** The journal has more lines than were read: older incidents of the day may be missing. */
  readonly cut: boolean;
}

const LENGTHS = [900, 3600, 6 * 3600, 86_400].map(seconds);
const DAY = seconds(86_400);
/** Journal lines that are read. */
const LINES = 3000;
const HAPPENINGS = 60;

export function timelineOf(
  region: string,
  picture: Picture,
  incidents: readonly Incident[],
  strips: Strips,
): Timeline {
  const since = strips.state[0]?.at;
  const watched = picture.now - (since ?? picture.now);
  const length = LENGTHS.find((each) => each * 1000 >= watched) ?? DAY;
  const from = instant(picture.now - length * 1000);
  const lines = picture.journal({ region, since: instant(picture.now - DAY * 1000), most: LINES });
  const spans = incidentSpans(lines, incidents, picture, region);
  const told = toldIn(picture, region).filter(({ at }) => at >= from);
  return {
    length,
    ...(since !== undefined && { since }),
    lanes: [
      { name: 'state', spans: spansOf(strips.state, stateSpan) },
      { name: 'VIP holder', spans: spansOf(strips.vip, holderSpan) },
      { name: 'primary', spans: spansOf(strips.primary, holderSpan) },
    ],
    incidents: spans.filter(({ to }) => to === undefined || to >= from),
    told,
    happenings: [
      ...moves('The virtual address', strips.vip),
      ...moves('The primary', strips.primary),
      ...spans.flatMap(beginAndEnd),
      ...told,
    ]
      .filter(({ at }) => at >= from)
      .sort((a, b) => b.at - a.at)
      .slice(0, HAPPENINGS),
    cut: lines.length >= LINES,
  };
}

const spansOf = (
  marks: readonly Mark[],
  span: (is: string) => Omit<Span, 'from'>,
): readonly Span[] =>
  marks.flatMap(({ at, is }, index) => {
    const next = marks[index + 1];
    return is === NOBODY_WATCHED
      ? []
      : [{ from: at, ...(next !== undefined && { to: next.at }), ...span(is) }];
  });

const STATES: Readonly<Record<string, Sign>> = {
  down: 'bad',
  critical: 'bad',
  warning: 'warning',
  unknown: 'unknown',
  ok: 'good',
};

const stateSpan = (is: string): Omit<Span, 'from'> => ({
  sign: STATES[is] ?? 'unknown',
  says: is === 'unknown' ? 'could not see everything' : is,
});

const holderSpan = (is: string): Omit<Span, 'from'> => ({
  sign: is === NOT_SEEN ? 'unknown' : is.includes(' AND ') ? 'bad' : 'none',
  says: is,
});

/** From one known holder to another one; what was not known in between is not a move. */
function moves(what: string, marks: readonly Mark[]): readonly Happening[] {
  const known = marks.filter(({ is }) => is !== NOBODY_WATCHED && is !== NOT_SEEN);
  return known.flatMap(({ at, is }, index) => {
    const before = known[index - 1];
    return before === undefined || before.is === is
      ? []
      : [{ at, sign: holderSpan(is).sign, says: `${what}: ${before.is} → ${is}` }];
  });
}

// Beyond it a moment is none (ECMA-262, time values).
const MOMENT = z.number().min(0).max(8.64e15);

interface Episode extends Span {
  readonly id: string;
}

/** Every incident of the day that people were told of, or that goes on; oldest first. */
function incidentSpans(
  lines: readonly Entry[],
  incidents: readonly Incident[],
  picture: Picture,
  region: string,
): readonly Span[] {
  const found = new Map<string, Episode>();
  for (const entry of lines) {
    const episode = episodeIn(entry);
    if (episode !== undefined) found.set(episode.id, episode);
  }
  const standing = new Set(
    picture.states
      .filter((state) => state.region === region)
      .flatMap(({ alerts }) => Object.values(alerts))
      .filter(({ condition }) => condition.is === 'firing' || condition.is === 'recovering')
      .flatMap(({ episode }) => (episode === undefined ? [] : [shortId(episode.id)])),
  );
  for (const { id, since, sign, title, subject } of incidents)
    found.set(id, {
      id,
      from: since,
      sign,
      says: subject === '' ? title : `${title} (${subject})`,
    });
  return [...found.values()]
    .map(({ id, ...span }) => (standing.has(id) ? span : { ...span, to: span.to ?? span.from }))
    .sort((a, b) => a.from - b.from);
}

/** What a transition's line holds of an episode that people were told of; another version may have written it. */
const TOLD = z.object({
  kind: z.enum(['open', 'reopen', 'close', 'retire']),
  rule: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  labels: z.record(z.string(), z.string()).catch({}),
  episode: z.object({ id: z.string(), startsAt: MOMENT, endsAt: MOMENT.optional() }),
});

function episodeIn({ what, says, at }: Entry): Episode | undefined {
  const { success, data } = TOLD.safeParse(says);
  if (what !== 'transition' || !success) return undefined;
  const { kind, rule, labels, severity, episode } = data;
  const isOver = kind === 'close' || kind === 'retire';
  return {
    id: shortId(episode.id),
    from: instant(episode.startsAt),
    ...(isOver && { to: instant(episode.endsAt ?? at) }),
    sign: SIGN_OF_SEVERITY[severity],
    says: nameOf({ rule, labels }),
  };
}

const beginAndEnd = ({ from, to, sign, says }: Span): readonly Happening[] => [
  { at: from, sign, says: `began: ${says}` },
  ...(to === undefined ? [] : [{ at: to, sign: 'none' as const, says: `over: ${says}` }]),
];

/** Each message that arrived, and each that was given up. */
const toldIn = ({ deliveries }: Picture, region: string): readonly Happening[] =>
  deliveries
    .filter(
      ({ notice, stage }) => notice.region === region && (stage === 'sent' || stage === 'dead'),
    )
    .map(({ notice, stage, settled, created, channel }) => ({
      at: settled ?? created,
      sign: stage === 'sent' ? 'none' : 'bad',
      says: `${channel} ${stage === 'sent' ? 'was told' : 'was NOT told'}: ${notice.kind}: ${nameOf(notice)}`,
    }));
