import type { CheckResult } from '../src/core/check.ts';
import { seconds, type Seconds } from '../src/core/time.ts';
import type { Catalogue, Watch } from './catalogue.ts';
import { advance, type Look } from './condition.ts';
import type { Moved } from './ending.ts';
import { explainedBy, gravityOf, isGraver } from './explained.ts';
import { followUp, startAnew } from './followup.ts';
import { readingsOf, type Reading } from './readings.ts';
import { calm } from './stability.ts';
import {
  isStanding,
  type Alert,
  type Alerts,
  type Now,
  type Ownership,
  type Standing,
} from './state.ts';
import type { Timers } from './timers.ts';
import { transitionsOf, type Said, type Transition } from './transition.ts';
import { aged, retired, retirement, type Names } from './upkeep.ts';
import {
  announcement,
  silenceEnding,
  visibilityOf,
  type Quiet,
  type Surroundings,
} from './visibility.ts';

/** What can happen to the alerts of a region. */
export type Input =
  /** A check has finished on this region. */
  | { readonly is: 'round'; readonly result: CheckResult }
  /** Nothing but time has passed: holds, graces and acknowledgements may have run out. */
  | { readonly is: 'tick' }
  /** The catalogue or the region's names may have changed. */
  | { readonly is: 'configured'; readonly names: Names }
  | {
      readonly is: 'acknowledge';
      readonly fingerprint: string;
      readonly by: string;
      readonly via: string;
      readonly lasts?: Seconds;
    }
  | { readonly is: 'unacknowledge'; readonly fingerprint: string };

export interface Means {
  readonly now: Now;
  readonly catalogue: Catalogue;
  /** A new episode's id. */
  readonly mint: () => string;
  /** The silences and maintenance windows that are in force now. */
  readonly quiets?: readonly Quiet[];
}

export interface Outcome {
  readonly state: Alerts;
  /** In the order in which they happened. */
  readonly transitions: readonly Transition[];
}

/**
 * The whole life of a region's alerts, one step: what was, what happened, and when, to what is and
 * what is to be said of it. Pure; the outcome is to be stored before anything of it is sent.
 *
 * @throws RangeError for a result of another region.
 */
export function step(before: Alerts, input: Input, means: Means): Outcome {
  const { now, catalogue } = means;
  const passed = Math.max(0, (now.steady - before.steady) / 1000);
  const state: Alerts = { ...before, ...now, age: seconds(before.age + passed) };
  const happened = take(state, input, means);
  const kept = sweep(happened.state, (alert) => aged(alert, state, catalogue), now);
  const shown = show(kept.state, means);
  return {
    state: shown.state,
    transitions: [...happened.transitions, ...kept.transitions, ...shown.transitions],
  };
}

function take(state: Alerts, input: Input, means: Means): Outcome {
  switch (input.is) {
    case 'round':
      return takeRound(state, input.result, means);
    case 'tick':
      return { state, transitions: [] };
    case 'configured':
      return configure(state, input.names, means);
    case 'acknowledge': {
      const { fingerprint, by, via, lasts } = input;
      const until = lasts !== undefined && { until: seconds(state.age + lasts) };
      return own(state, fingerprint, { is: 'acked', by, via, ...until }, means.now);
    }
    case 'unacknowledge':
      return own(state, input.fingerprint, { is: 'unacked' }, means.now);
  }
}

function takeRound(state: Alerts, result: CheckResult, means: Means): Outcome {
  if (result.region !== state.region)
    throw new RangeError(`a result of ${result.region} among the alerts of ${state.region}`);
  const watch = means.catalogue.watches.find(({ check }) => check === result.check);
  if (watch === undefined) return { state, transitions: [] };
  if (isLeftOut(result)) return leaveOut(state, watch.check, means.now);
  const look = lookOf(state, result, watch, means);
  const moves = readingsOf(result, watch.rules, state).flatMap((reading) => {
    const alert = state.alerts[reading.fingerprint] ?? firstSight(reading, look);
    return alert === undefined ? [] : [advance(alert, reading, look)];
  });
  const seen =
    result.failure === undefined ? { ...state.seen, [result.check]: look.began } : state.seen;
  return gather({ ...state, seen }, moves, means.now);
}

/** Nothing was looked at, because the configuration says so: what was watched before is watched no longer. */
const isLeftOut = ({ state, failure, observations, skips }: CheckResult): boolean =>
  state === 'skipped' &&
  failure === undefined &&
  observations.length === 0 &&
  skips.length > 0 &&
  skips.every(({ code }) => code === 'config');

/** Without the alerts of this check; who was told of one is told that it is watched no longer. */
function leaveOut(state: Alerts, check: string, now: Now): Outcome {
  const why: Said = { kind: 'retire', reason: 'what it is about is no longer configured' };
  return without(state, (alert) => (alert.check === check ? why : undefined), now);
}

/** Without the alerts for which there is a reason. */
function without(state: Alerts, reason: (alert: Alert) => Said | undefined, now: Now): Outcome {
  const { transitions } = sweep(
    state,
    (alert) => {
      const why = reason(alert);
      return why && retired(alert, why, state, now);
    },
    now,
  );
  const kept = Object.entries(state.alerts).filter(([, alert]) => reason(alert) === undefined);
  return { state: { ...state, alerts: Object.fromEntries(kept) }, transitions };
}

const lookOf = (state: Alerts, { took }: CheckResult, watch: Watch, means: Means): Look => ({
  age: state.age,
  wall: state.wall,
  began: seconds(state.age - took),
  watch,
  timers: means.catalogue.timers,
  mint: means.mint,
});

/** An alert that was never seen bad is not kept: there would be one for each good sample. */
const firstSight = (reading: Reading, { age, watch }: Look): Alert | undefined =>
  reading.sample?.bad === true
    ? {
        fingerprint: reading.fingerprint,
        rule: reading.rule.name,
        check: watch.check,
        labels: reading.labels,
        severity: reading.rule.severity,
        value: reading.sample.value,
        summary: reading.sample.summary,
        condition: { is: 'inactive' },
        visibility: { is: 'undecided' },
        ownership: { is: 'unacked' },
        stability: calm(age),
        knowledge: { is: 'fresh', at: age, unbroken: true },
      }
    : undefined;

/** The state with these alerts changed, and what they said. */
const gather = (state: Alerts, moves: readonly Moved[], { wall }: Now): Outcome => ({
  state: {
    ...state,
    alerts: {
      ...state.alerts,
      ...Object.fromEntries(moves.map(({ alert }) => [alert.fingerprint, alert])),
    },
  },
  transitions: moves.flatMap(({ alert, said }) => transitionsOf(alert, said, wall)),
});

/** Moves every alert; those for which nothing comes back are gone. */
function sweep(state: Alerts, move: (alert: Alert) => Moved | undefined, now: Now): Outcome {
  const moves = Object.values(state.alerts).flatMap((alert) => move(alert) ?? []);
  return gather({ ...state, alerts: {} }, moves, now);
}

function configure(state: Alerts, names: Names, { now, catalogue }: Means): Outcome {
  const { state: kept, transitions } = without(
    state,
    (alert) => retirement(alert, names, catalogue),
    now,
  );
  return { state: { ...kept, names }, transitions };
}

function own(state: Alerts, fingerprint: string, ownership: Ownership, now: Now): Outcome {
  const alert = state.alerts[fingerprint];
  if (alert === undefined || !isStanding(alert)) return { state, transitions: [] };
  const said: Said = {
    kind: ownership.is === 'acked' ? 'acknowledge' : 'unacknowledge',
    reason: 'by a person',
  };
  return gather(state, [{ alert: { ...startAnew(alert), ownership }, said: [said] }], now);
}

/** Decides for every standing alert what may be said, all against the same picture, and says it. */
function show(state: Alerts, { catalogue, quiets = [], now }: Means): Outcome {
  const around = { state, catalogue, quiets };
  const moves = Object.values(state.alerts)
    .filter(isStanding)
    .map((alert) => showOne(alert, around));
  return gather(state, moves, now);
}

function showOne(alert: Standing, around: Surroundings): Moved {
  const { state, catalogue } = around;
  const visibility = visibilityOf(alert, around);
  const shown = exposed({ ...alert, visibility });
  const said = announcement(alert, visibility) ?? news(shown, state, catalogue);
  const heard = said === undefined ? shown : told(shown, said, state);
  const ending = silenceEnding(heard, around);
  const { alert: last, said: urged } = followUp(heard, state.age, catalogue.timers);
  return {
    alert: ending === undefined ? last : { ...last, warned: ending },
    said: [
      ...(said === undefined ? [] : [said]),
      ...(ending === undefined ? [] : [ENDING]),
      ...urged,
    ],
  };
}

const ENDING: Said = { kind: 'expiring', reason: 'its silence ends soon' };

/** From now on a mirror may have been shown it. */
const exposed = (alert: Standing): Standing =>
  alert.episode.shown === true || !EXPOSING.includes(alert.visibility.is)
    ? alert
    : { ...alert, episode: { ...alert.episode, shown: true } };

const EXPOSING: readonly Standing['visibility']['is'][] = ['visible', 'folded'];

const TELLING: readonly Said['kind'][] = ['open', 'reopen', 'unfold', 'unmute', 'update'];

/** Keeps what people now know; of a folded or muted alert they know nothing new. */
function told(alert: Standing, { kind, reason }: Said, state: Alerts): Standing {
  if (!TELLING.includes(kind)) return alert;
  const { severity, summary, episode } = ANEW.includes(reason) ? startAnew(alert) : alert;
  const explained = explainedBy(state, episode.id);
  const before = episode.said?.gravity;
  const gravity = gravityOf(alert, [
    ...explained,
    // Who was told that it is critical is not told that it is less while it goes on.
    ...(before === undefined ? [] : [{ severity: before }]),
  ]);
  return {
    ...alert,
    episode: {
      ...episode,
      told: 'open',
      said: {
        severity,
        summary,
        at: state.age,
        ...(gravity !== severity && { gravity }),
        ...(explained.length > 0 && {
          explains: explained.map(({ fingerprint }) => fingerprint),
        }),
      },
    },
  };
}

/** Changes after which people get the whole time again before they are reminded. */
const ANEW: readonly Said['reason'][] = ['severity changed', 'explains something graver'];

/**
 * An update that is due: at once when it became more or less severe, or explains what is graver than
 * what people were told; else no more often than bearable.
 */
function news(alert: Standing, state: Alerts, { timers }: Catalogue): Said | undefined {
  const { episode, visibility, severity, summary, condition } = alert;
  const { said } = episode;
  if (visibility.is !== 'visible' || condition.is !== 'firing' || said === undefined)
    return undefined;
  if (said.severity !== severity) return { kind: 'update', reason: 'severity changed' };
  const explained = explainedBy(state, episode.id);
  if (isGraver(gravityOf(alert, explained), said.gravity ?? severity))
    return { kind: 'update', reason: 'explains something graver' };
  if (state.age - said.at < pauseOf(alert, timers)) return undefined;
  if (explained.some(({ fingerprint }) => said.explains?.includes(fingerprint) !== true))
    return { kind: 'update', reason: 'explains more' };
  return said.summary === summary ? undefined : { kind: 'update', reason: 'news' };
}

const pauseOf = ({ stability, severity }: Alert, timers: Timers): Seconds =>
  stability.is === 'flapping' ? timers.flappingUpdateEvery : timers.patience[severity].updateEvery;
