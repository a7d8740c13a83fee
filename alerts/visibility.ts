import type { Rule } from '../src/core/rule.ts';
import { seconds, type Instant, type Seconds } from '../src/core/time.ts';
import type { Catalogue } from './catalogue.ts';
import {
  isGrave,
  ISOLATED,
  seatsOf,
  standingFor,
  type Cause,
  type Part,
  type Seat,
} from './causes.ts';
import type { Labels } from './identity.ts';
import {
  isStanding,
  type Age,
  type Alerts,
  type Root,
  type Standing,
  type Visibility,
} from './state.ts';
import type { Reason, Said } from './transition.ts';

/** What an operator does not want to hear of: a silence or a maintenance window that is in force now. */
export interface Quiet {
  readonly is: 'silenced' | 'maintenance';
  readonly id: string;
  /** Absent: every rule. */
  readonly rule?: string;
  /** An alert must have all of these. */
  readonly labels?: Labels;
  /** Only this episode. */
  readonly episode?: string;
  /** When it ends; absent: no end is known. */
  readonly until?: Instant;
  /** From when on its end is announced; absent: never. */
  readonly warnFrom?: Instant;
}

/** What a decision on visibility looks at. */
export interface Surroundings {
  readonly state: Alerts;
  readonly catalogue: Catalogue;
  readonly quiets: readonly Quiet[];
}

/**
 * Whether an alert that goes on may be talked about: the operator's wish comes first, then what
 * explains it, then the wait for what may still explain it. One that recovers is not shown for the
 * first time: it is about to end.
 */
export function visibilityOf(alert: Standing, around: Surroundings): Visibility {
  const { age } = around.state;
  const quiet = quietFor(alert, around);
  if (quiet !== undefined) return { is: quiet.is, id: quiet.id };
  const root = rootOf(alert, around);
  if (root !== undefined) return { is: 'folded', into: root };
  const { visibility } = alert;
  if (visibility.is === 'folded') {
    const clearedAt = visibility.clearedAt ?? age;
    if (age - clearedAt < graceOf(alert, around)) return { ...visibility, clearedAt };
  }
  const wait = holdOf(alert, around);
  if (wait !== undefined) return wait;
  return alert.condition.is === 'firing' ? { is: 'visible' } : visibility;
}

/** Of several the one that ends last: only its end brings the alert back. */
function quietFor(alert: Standing, { quiets, catalogue }: Surroundings): Quiet | undefined {
  const fitting = quiets
    .filter((quiet) => hides(quiet, alert, catalogue))
    .sort((a, b) => (b.until ?? Infinity) - (a.until ?? Infinity));
  return fitting.find(({ is }) => is === 'maintenance') ?? fitting[0];
}

/** What is about lost data, or about the monitor's own eyes, is hidden only by what names it. */
const hides = (quiet: Quiet, alert: Standing, { rules }: Catalogue): boolean =>
  isAbout(quiet, alert) && (isNamed(quiet) || !isGraveAlert(rules.get(alert.rule)));

const isNamed = ({ rule, episode }: Quiet): boolean => rule !== undefined || episode !== undefined;

const isGraveAlert = (known: { readonly rule: Rule } | undefined): boolean =>
  known !== undefined && isGrave(known.rule);

const isAbout = ({ rule, episode, labels = {} }: Quiet, alert: Standing): boolean =>
  (rule ?? alert.rule) === alert.rule &&
  (episode ?? alert.episode.id) === alert.episode.id &&
  Object.entries(labels).every(([label, value]) => alert.labels[label] === value);

/**
 * The id of the silence that hides this alert, when its end is to be announced now: once. Not for what
 * recovers, and not for what is explained: neither would be told when the silence is over.
 */
export function silenceEnding(alert: Standing, around: Surroundings): string | undefined {
  const { visibility } = alert;
  if (visibility.is !== 'silenced' || visibility.id === alert.warned) return undefined;
  const from = quietFor(alert, around)?.warnFrom;
  if (from === undefined || around.state.wall < from) return undefined;
  if (alert.condition.is !== 'firing' && alert.stability.is !== 'flapping') return undefined;
  return rootOf(alert, around) === undefined ? visibility.id : undefined;
}

const causesOf = ({ rule }: Standing, { catalogue }: Surroundings): readonly Cause[] =>
  catalogue.causes[rule] ?? [];

/** Every standing alert that explains this one, roots and what lies between. */
const explaining = (alert: Standing, around: Surroundings): readonly Standing[] => {
  const { names = {}, alerts } = around.state;
  const standing = Object.values(alerts).filter(isStanding);
  return causesOf(alert, around).flatMap((cause) =>
    standingFor(cause, alert.labels, standing, names),
  );
};

/** Those that explain an alert and are themselves explained by none. */
function rootsOf(alert: Standing, around: Surroundings): readonly Standing[] {
  const others = explaining(alert, around);
  const roots = others.filter((other) => explaining(other, around).length === 0);
  // What explains the others may be beyond the reach of this alert's own causes.
  return roots.length > 0 ? roots : others.flatMap((other) => rootsOf(other, around));
}

/** The root that an alert is folded into; the first of several, by name. */
function rootOf(alert: Standing, around: Surroundings): Root | undefined {
  const roots = [...rootsOf(alert, around)].sort((a, b) =>
    a.fingerprint < b.fingerprint ? -1 : 1,
  );
  // Staying with the root that was named avoids a message that says nothing new.
  const named = alert.visibility.is === 'folded' ? alert.visibility.into.episode : undefined;
  const root = roots.find(({ episode }) => episode.id === named) ?? roots[0];
  return root && { fingerprint: root.fingerprint, rule: root.rule, episode: root.episode.id };
}

const graceOf = ({ rule }: Standing, { catalogue }: Surroundings): Seconds =>
  seconds((catalogue.rules.get(rule)?.watch.interval ?? 0) + catalogue.timers.unfoldGrace);

/** The wait of a new alert for a cause; its end is fixed when it starts, and then the alert opens. */
function holdOf(alert: Standing, around: Surroundings): Visibility | undefined {
  const { visibility } = alert;
  if (visibility.is !== 'undecided' && visibility.is !== 'held') return undefined;
  const longest = Math.max(...waits(alert, around));
  if (longest === -Infinity) return undefined;
  const { age } = around.state;
  if (visibility.is === 'held') return age < visibility.until ? visibility : undefined;
  const { holdMargin, patience } = around.catalogue.timers;
  const wait = Math.min(patience[alert.severity].holdAtMost, longest + holdMargin);
  return { is: 'held', until: seconds(age + wait) };
}

/** For each possible cause that cannot be ruled out yet, how long that may take. */
function waits(alert: Standing, around: Surroundings): readonly Seconds[] {
  const { catalogue, state } = around;
  // Where each second costs data, nobody waits.
  if (catalogue.rules.get(alert.rule)?.rule.confirm === true) return [];
  const standing = Object.values(state.alerts).filter(isStanding);
  return causesOf(alert, around).flatMap((cause) => {
    const missing = seatsOf(cause, alert.labels, state.names ?? {})
      ?.filter(([, seat]) => !standing.some(seat))
      .map(([part, seat]) => waitsFor(part, seat, alert, around));
    // One part that will not come rules the whole cause out.
    return missing === undefined || missing.some(({ length }) => length === 0)
      ? []
      : missing.flat();
  });
}

function waitsFor(
  { alert: name }: Part,
  seat: Seat,
  alert: Standing,
  { catalogue, state }: Surroundings,
): readonly Seconds[] {
  const known = catalogue.rules.get(name);
  if (known === undefined) return [];
  const { rule, watch } = known;
  const pending = Object.values(state.alerts).flatMap(({ condition, ...other }) =>
    condition.is === 'pending' && seat(other)
      ? [seconds(Math.max(0, rule.for - condition.elapsed) + watch.interval)]
      : [],
  );
  const looked = state.seen[watch.check] ?? -Infinity;
  return looked < badSince(alert) ? [...pending, watch.interval] : pending;
}

const badSince = ({ condition }: Standing): Age =>
  'since' in condition ? condition.since : seconds(0);

type Quieted = Extract<Visibility, { readonly id: string }>;

/** What a change of visibility is for people who were, or were not, told of the episode. */
export function announcement(alert: Standing, next: Visibility): Said | undefined {
  const { visibility: before } = alert;
  switch (next.is) {
    case 'undecided':
      return undefined;
    case 'held':
      return before.is === 'held' ? undefined : { kind: 'hold', reason: 'a cause may still show' };
    case 'folded':
      return folding(before, next.into);
    case 'silenced':
    case 'maintenance':
      return muting(before, next);
    case 'visible':
      return before.is === 'visible' ? undefined : showing(alert);
  }
}

function muting(before: Visibility, next: Quieted): Said | undefined {
  if (before.is === next.is && before.id === next.id) return undefined;
  return { kind: 'mute', reason: next.is === 'silenced' ? 'silenced' : 'in a maintenance window' };
}

function folding(before: Visibility, into: Root): Said | undefined {
  if (before.is === 'folded' && before.into.episode === into.episode) return undefined;
  if (into.rule === ISOLATED) return { kind: 'fold', reason: 'the monitor is isolated' };
  return {
    kind: 'fold',
    reason: before.is === 'folded' ? 'explained by another cause' : 'explained by a cause',
  };
}

const WHY_SHOWN: Readonly<Record<Visibility['is'], Reason>> = {
  undecided: 'nothing explains it',
  visible: 'nothing explains it',
  held: 'no cause showed in time',
  folded: 'its cause is over',
  silenced: 'no longer silenced',
  maintenance: 'no longer silenced',
};

function showing({ episode, visibility }: Standing): Said {
  const reason = WHY_SHOWN[visibility.is];
  switch (episode.told) {
    case 'never':
      return { kind: 'open', reason };
    case 'closed':
      return { kind: 'reopen', reason };
    case 'open':
      return { kind: visibility.is === 'folded' ? 'unfold' : 'unmute', reason };
  }
}
