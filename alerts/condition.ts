import type { Severity } from '../src/core/rule.ts';
import { instant, seconds, type Instant, type Seconds } from '../src/core/time.ts';
import type { Watch } from './catalogue.ts';
import { ended, type Moved } from './ending.ts';
import type { Reading } from './readings.ts';
import { recurred, sampled, WINDOW } from './stability.ts';
import {
  isStanding,
  type Age,
  type Alert,
  type Condition,
  type Episode,
  type Former,
} from './state.ts';
import { longestGap, type Patience, type Timers } from './timers.ts';
import type { Said } from './transition.ts';

/** The circumstances of one look at one alert. */
export interface Look {
  readonly age: Age;
  readonly wall: Instant;
  /** When the run began that looked. */
  readonly began: Age;
  readonly watch: Watch;
  readonly timers: Timers;
  /** The id for an episode that begins now; called at most once an alert and look. */
  readonly mint: () => string;
}

type Is<Name extends Condition['is']> = Alert & {
  readonly condition: Extract<Condition, { is: Name }>;
};

const patienceOf = (alert: Alert, { timers }: Look): Patience => timers.patience[alert.severity];

/**
 * Takes one reading into the condition, stability and knowledge of an alert.
 *
 * Nothing known changes nothing, except that the time until the next sample proves nothing either:
 * what is running is paused, not reset.
 */
export function advance(alert: Alert, { rule, sample }: Reading, look: Look): Moved {
  const { knowledge } = alert;
  if (sample === undefined)
    return { alert: { ...alert, knowledge: { ...knowledge, unbroken: false } }, said: [] };
  const { bad, value, summary } = sample;
  const { keepFor } = look.timers.patience[rule.severity];
  const known: Alert = {
    ...regraded(alert, rule.severity, look),
    // Once it is good, the last bad sight of it is still what the alert is about.
    ...(bad && { value, summary }),
    stability: sampled(alert.stability, bad, look.age, keepFor, look.timers),
    knowledge: { is: 'fresh', at: look.age, unbroken: true },
  };
  const credit = creditOf(alert, look);
  const moved = bad ? worse(known, rule, credit, look) : better(known, credit, look);
  return {
    alert: moved.alert,
    said: [
      ...said(knowledge.is === 'stale', 'fresh', 'seen again'),
      ...said(flaps(alert) && !flaps(known), 'steady', 'calm again'),
      ...moved.said,
      ...said(!flaps(alert) && flaps(moved.alert), 'flapping', 'changes too often'),
    ],
  };
}

/** With another severity, if the rule has another now; what it was is kept for the mirrors. */
function regraded(alert: Alert, severity: Severity, { age, wall }: Look): Alert {
  const { episode, severity: was } = alert;
  if (was === severity) return alert;
  if (episode === undefined) return { ...alert, severity };
  const { formers = [], startsAt, endsAt = wall, ended: over = age } = episode;
  const began = formers.at(-1)?.endsAt ?? startsAt;
  const former: Former = {
    severity: was,
    startsAt: began,
    // The wall clock may have been set back meanwhile.
    endsAt: instant(Math.max(endsAt, began)),
    ended: over,
  };
  const others = formers.filter((each) => each.severity !== was);
  return { ...alert, severity, episode: { ...episode, formers: [...others, former] } };
}

const flaps = ({ stability }: Alert): boolean => stability.is === 'flapping';

const said = (when: boolean, kind: Said['kind'], reason: Said['reason']): readonly Said[] =>
  when ? [{ kind, reason }] : [];

/** The time that two samples prove: that between them, when no look failed and none is missing. */
const creditOf = ({ knowledge }: Alert, { age, watch }: Look): Seconds => {
  const passed = seconds(age - knowledge.at);
  return knowledge.unbroken && passed <= longestGap(watch) ? passed : seconds(0);
};

function worse(alert: Alert, rule: Reading['rule'], credit: Seconds, look: Look): Moved {
  const { condition } = alert;
  switch (condition.is) {
    case 'inactive':
    case 'resolved':
      return ripen(
        {
          ...alert,
          condition: { is: 'pending', since: look.began, elapsed: seconds(0), samples: 1 },
        },
        rule,
        look,
        [{ kind: 'pend', reason: 'first bad sample' }],
      );
    case 'pending':
      return ripen({ ...alert, condition: longer(condition, credit) }, rule, look, []);
    case 'firing':
      return { alert, said: [] };
    case 'recovering':
      return {
        alert: {
          ...alert,
          condition: { is: 'firing', since: condition.since },
          stability: recurred(alert.stability, 'relapses', look.age, look.timers),
        },
        said: [{ kind: 'relapse', reason: 'bad again' }],
      };
  }
}

function better(alert: Alert, credit: Seconds, look: Look): Moved {
  const { condition, episode } = alert;
  switch (condition.is) {
    case 'inactive':
    case 'resolved':
      return { alert, said: [] };
    case 'pending':
      return {
        alert: {
          ...alert,
          condition:
            episode?.ended === undefined
              ? { is: 'inactive' }
              : { is: 'resolved', at: episode.ended },
        },
        said: [{ kind: 'drop', reason: 'good before its time' }],
      };
    case 'firing':
      return settle(
        {
          ...alert,
          condition: {
            is: 'recovering',
            since: condition.since,
            clearedAt: look.wall,
            elapsed: seconds(0),
            samples: 1,
          },
        },
        look,
        [{ kind: 'recover', reason: 'good sample' }],
      );
    case 'recovering':
      return settle({ ...alert, condition: longer(condition, credit) }, look, []);
  }
}

const longer = <Timed extends { readonly elapsed: Seconds; readonly samples: number }>(
  condition: Timed,
  credit: Seconds,
): Timed => ({
  ...condition,
  elapsed: seconds(condition.elapsed + credit),
  samples: condition.samples + 1,
});

/** How many bad samples a rule wants: one that waits for nothing fires on its first. */
function samplesNeeded(alert: Alert, rule: Reading['rule'], look: Look): number {
  const { minSamples } = patienceOf(alert, look);
  if (rule.confirm === true) return Math.max(2, minSamples);
  return rule.for === 0 ? 1 : minSamples;
}

function ripen(
  alert: Is<'pending'>,
  rule: Reading['rule'],
  look: Look,
  before: readonly Said[],
): Moved {
  const { elapsed, samples, since } = alert.condition;
  const enough = samples >= samplesNeeded(alert, rule, look);
  const long = elapsed >= rule.for;
  // What comes and goes faster than its hold-down would never be told; a full window proves it.
  const unsteady = flaps(alert) && alert.stability.samples.length === WINDOW;
  if (!enough || !(long || unsteady)) return { alert, said: before };
  const window = patienceOf(alert, look).reopenWindow;
  const { episode: past } = alert;
  const continues =
    past?.ended !== undefined && window > 0 && seconds(since - past.ended) <= window;
  return {
    alert: {
      ...alert,
      condition: { is: 'firing', since },
      visibility: { is: 'undecided' },
      episode: continues ? continued(past) : begun(look),
      stability: recurred(alert.stability, 'starts', look.age, look.timers),
    },
    said: [...before, { kind: 'fire', reason: whyFired(continues, long) }],
  };
}

const whyFired = (continues: boolean, long: boolean): Said['reason'] => {
  if (continues) return 'back within the reopen window';
  return long ? 'bad for long enough' : 'too unsteady to be bad for long enough';
};

const begun = ({ wall, mint }: Look): Episode => ({
  id: mint(),
  startsAt: wall,
  told: 'never',
  reopened: 0,
});

const continued = ({
  id,
  startsAt,
  told,
  said: last,
  reopened,
  shown,
  formers,
}: Episode): Episode => ({
  id,
  startsAt,
  told,
  ...(last !== undefined && { said: last }),
  ...(shown !== undefined && { shown }),
  ...(formers !== undefined && { formers }),
  reopened: reopened + 1,
});

function settle(alert: Is<'recovering'>, look: Look, before: readonly Said[]): Moved {
  const { keepFor, minOk } = patienceOf(alert, look);
  const { elapsed, samples, clearedAt } = alert.condition;
  if (elapsed < keepFor || samples < minOk || flaps(alert) || !isStanding(alert))
    return { alert, said: before };
  const { alert: over, said: last } = ended(
    alert,
    { wall: clearedAt, age: look.age },
    { kind: 'close', reason: 'good for long enough' },
  );
  return { alert: over, said: [...before, ...last] };
}
