import { mirrored } from '../../alerts/mirror.ts';
import type { Silence } from '../../alerts/quiet.ts';
import type { Alert, Standing } from '../../alerts/state.ts';
import type { Kind, Transition } from '../../alerts/transition.ts';
import type { Seen } from './history.ts';
import { Broken, insist, type Watching } from './properties.ts';
import { isExplained, isMaintained, silencesOf, standing } from './truth.ts';

/** Section B.3, by severity: seconds until each level, waits before each reminder, and when it is owned. */
const URGED = {
  critical: { levels: [600, 1200], waits: [900, 1800, 3600], owned: 14_400 },
  warning: { levels: [], waits: [43_200], owned: 86_400 },
  info: { levels: [], waits: [], owned: Infinity },
} as const;

interface Course {
  since: number;
  heardAt: number;
  reminders: number;
  levels: number;
}

const ANEW: readonly Kind[] = [
  'open',
  'reopen',
  'unfold',
  'unmute',
  'acknowledge',
  'unacknowledge',
];

const isFresh = ({ kind, reason }: Transition): boolean =>
  ANEW.includes(kind) || reason === 'severity changed' || reason === 'explains something graver';

const goesOn = ({ condition, stability }: Standing): boolean =>
  condition.is === 'firing' || stability.is === 'flapping';

const bothers = (alert: Standing): boolean =>
  alert.visibility.is === 'visible' &&
  alert.episode.told === 'open' &&
  alert.episode.said?.severity === alert.severity &&
  goesOn(alert);

/** What is to be said to urge people, now that this course has come so far. */
function dueOf(
  { severity, ownership, episode }: Alert,
  course: Course,
  age: number,
): readonly string[] {
  const { levels, waits, owned } = URGED[episode?.said?.gravity ?? severity];
  const isOwned = ownership.is === 'acked';
  const passed = levels.filter((after) => age - course.since >= after).length;
  const wait = isOwned ? owned : (waits[Math.min(course.reminders, waits.length - 1)] ?? Infinity);
  return [
    ...(isOwned ? [] : [1, 2].filter((level) => level > course.levels && level <= passed)).map(
      (level) => `escalate ${level}`,
    ),
    ...(age - course.heardAt >= wait ? ['remind'] : []),
  ];
}

/** B.3: urged when it is due and only then; never what is owned, explained, silenced or recovering. */
export const urgedInTime = (): Watching => {
  const courses = new Map<string, Course>();
  const keep = (alert: Standing, transitions: readonly Transition[], age: number): void => {
    const { id } = alert.episode;
    const mine = transitions.filter(({ episode }) => episode?.id === id);
    if (mine.some(isFresh) || !courses.has(id))
      courses.set(id, { since: age, heardAt: age, reminders: 0, levels: 0 });
    const course = courses.get(id)!;
    const said = mine
      .filter(({ kind }) => kind === 'escalate' || kind === 'remind')
      .map(({ kind, level }) => (kind === 'escalate' ? `escalate ${level}` : kind));
    const due = bothers(alert) ? dueOf(alert, course, age) : [];
    insist(
      said.join() === due.join(),
      'B.3',
      `${alert.rule}: ${said.join()} instead of ${due.join()}`,
    );
    if (said.includes('remind')) {
      course.reminders++;
      course.heardAt = age;
    }
    course.levels += said.filter((each) => each !== 'remind').length;
  };
  return ({ outcome: { state, transitions }, input }) => {
    if (input.is === 'restart') return;
    for (const alert of standing(state)) keep(alert, transitions, state.age);
  };
};

/** The silence that hides this and ends soon, if this is not about to end by itself. */
function endingFor(alert: Standing, seen: Seen): Silence | undefined {
  if (!goesOn(alert) || isMaintained(alert, seen)) return undefined;
  const [last] = silencesOf(alert, seen);
  if (last === undefined) return undefined;
  const warning = Math.min(900_000, (last.until - last.created) / 2);
  return seen.now.wall >= last.until - warning ? last : undefined;
}

/** Of alerts that are not known any more nothing is known. */
const forget = (announced: Set<string>, known: readonly string[]): void => {
  for (const key of announced)
    if (!known.includes(key.slice(key.indexOf(' ') + 1))) announced.delete(key);
};

/** The end of a silence is announced in its last quarter of an hour (or half), once, for what still stands. */
export const endAnnounced = (): Watching => {
  const announced = new Set<string>();
  return (seen) => {
    const { outcome, names, input } = seen;
    if (input.is === 'restart') return;
    const all = standing(outcome.state);
    const warnings = outcome.transitions.filter(({ kind }) => kind === 'expiring');
    for (const alert of all) {
      const { fingerprint } = alert;
      const said = warnings.filter((each) => each.fingerprint === fingerprint).length;
      const last = endingFor(alert, seen);
      const key = `${last?.id ?? ''} ${fingerprint}`;
      const due = last !== undefined && !isExplained(alert, all, names) && !announced.has(key);
      insist(said === (due ? 1 : 0), 'silence', `its end was announced ${said} times`);
      if (due) announced.add(key);
    }
    forget(announced, Object.keys(outcome.state.alerts));
  };
};

/** By what the journal says last of it: how an alert is shown. */
const SHOWN: Partial<Record<Kind, Alert['visibility']['is']>> = {
  open: 'visible',
  reopen: 'visible',
  unfold: 'visible',
  unmute: 'visible',
  hold: 'held',
  fold: 'folded',
  fire: 'undecided',
  close: 'undecided',
  lapse: 'undecided',
};

interface Read {
  readonly shown: string;
  readonly told: boolean;
  readonly into: string;
  readonly owned: boolean;
}
const UNREAD: Read = { shown: '', told: false, into: '', owned: false };

function readOn(before: Read, { kind, reason, told, into }: Transition): Read {
  const muted = reason === 'silenced' ? 'silenced' : 'maintenance';
  const ends = ['close', 'lapse', 'retire'].includes(kind);
  return {
    shown: kind === 'mute' ? muted : (SHOWN[kind] ?? before.shown),
    told: told && !ends,
    into: kind === 'fold' && into !== undefined ? into.episode : before.into,
    owned: kind === 'acknowledge' || (before.owned && kind !== 'unacknowledge' && !ends),
  };
}

/** P12: whoever reads only the journal knows how each alert is shown, why, and who knows of it. */
export const journalTellsAll = (): Watching => {
  const journal = new Map<string, Read>();
  const read = (transition: Transition): void => {
    const before = journal.get(transition.fingerprint) ?? UNREAD;
    journal.set(transition.fingerprint, readOn(before, transition));
  };
  return ({ outcome: { state, transitions } }) => {
    transitions.forEach(read);
    for (const { fingerprint, visibility, episode, ownership, rule } of standing(state)) {
      const said = journal.get(fingerprint);
      if (said === undefined) throw new Broken(`P12: ${rule} is not in the journal`);
      insist(said.shown === visibility.is, 'P12', `${rule}: ${said.shown} is ${visibility.is}`);
      insist(said.told === (episode.told === 'open'), 'P12', `${rule}: who was told is lost`);
      insist(said.owned === (ownership.is === 'acked'), 'P12', `${rule}: its owner is lost`);
      if (visibility.is === 'folded')
        insist(said.into === visibility.into.episode, 'P12', `${rule}: its root is lost`);
    }
  };
};

/** B.9: a mirror is shown each alert once, all that is told or explained, and ends after their beginning. */
export const mirrorIsWhole: Watching = ({ outcome: { state }, now }: Seen) => {
  const shown = mirrored(state, now, () => ({}));
  const keys = shown.map(({ rule, labels, severity }) => `${rule} ${labels['node']} ${severity}`);
  insist(new Set(keys).size === keys.length, 'B.9', 'a mirror was shown one alert twice');
  for (const { startsAt, endsAt = Infinity, rule } of shown)
    insist(startsAt <= endsAt, 'B.9', `${rule} ended before it began`);
  const on = shown.filter(({ endsAt }) => endsAt === undefined).length;
  const told = standing(state).filter(({ visibility }) =>
    ['visible', 'folded'].includes(visibility.is),
  );
  insist(on === told.length, 'B.9', `${on} are shown, ${told.length} go on`);
};
