import { seconds, type Seconds } from '../src/core/time.ts';
import type { Catalogue } from './catalogue.ts';
import { explains, ISOLATED, type Cause } from './causes.ts';
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
  const quiet = quietFor(alert, around.quiets);
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

function quietFor({ rule, labels }: Standing, quiets: readonly Quiet[]): Quiet | undefined {
  const fitting = quiets.filter(
    (quiet) =>
      (quiet.rule === undefined || quiet.rule === rule) &&
      Object.entries(quiet.labels ?? {}).every(([label, value]) => labels[label] === value),
  );
  return fitting.find(({ is }) => is === 'maintenance') ?? fitting[0];
}

const causesOf = ({ rule }: Standing, { catalogue }: Surroundings): readonly Cause[] =>
  catalogue.causes[rule] ?? [];

/** Every standing alert that explains this one, roots and what lies between. */
const explaining = (alert: Standing, around: Surroundings): readonly Standing[] => {
  const causes = causesOf(alert, around);
  return Object.values(around.state.alerts)
    .filter(isStanding)
    .filter((other) => causes.some((cause) => explains(cause, other, alert.labels)));
};

/** The standing alert that explains this one and is itself explained by none; the first of several, by name. */
function rootOf(alert: Standing, around: Surroundings): Root | undefined {
  const roots = explaining(alert, around)
    .filter((other) => explaining(other, around).length === 0)
    .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
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
  return causesOf(alert, around).flatMap((cause) => {
    const known = catalogue.rules.get(cause.alert);
    if (known === undefined) return [];
    const { rule, watch } = known;
    const pending = Object.values(state.alerts).flatMap(({ condition, ...other }) =>
      condition.is === 'pending' && explains(cause, other, alert.labels)
        ? [seconds(Math.max(0, rule.for - condition.elapsed) + watch.interval)]
        : [],
    );
    const looked = state.seen[watch.check] ?? -Infinity;
    return looked < badSince(alert) ? [...pending, watch.interval] : pending;
  });
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
