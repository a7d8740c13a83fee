import { isStanding, type Alert } from '../../alerts/state.ts';
import type { Transition } from '../../alerts/transition.ts';
import type { Sight } from './acts.ts';
import { thingKey, type Seen } from './history.ts';
import { isExplained, isQuiet, ruleNamed, standing } from './truth.ts';

/** A property of section B.8 that does not hold, by its name. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export const insist = (holds: boolean, property: string, what: string): void => {
  if (!holds) throw new Broken(`${property}: ${what}`);
};

export type Watching = (seen: Seen) => void;

const keyOf = ({ rule, labels }: Alert | Transition): string => thingKey(rule, labels['node']);

/** P2, P4, P5: people hear one open, then news, then one close; after that only a reopen. */
const closeContract = (): Watching => {
  const told = new Map<string, 'open' | 'closed'>();
  const allowed = (kind: Transition['kind'], was: 'open' | 'closed' | undefined): boolean => {
    if (kind === 'open') return was === undefined;
    if (kind === 'reopen') return was === 'closed';
    return was === 'open';
  };
  const ALWAYS_OPEN = ['update', 'unfold', 'unmute', 'remind', 'escalate', 'close', 'retire'];
  return ({ outcome }) => {
    for (const { kind, told: known, episode } of outcome.transitions) {
      if (episode === undefined) continue;
      const was = told.get(episode.id);
      const speaks = ['open', 'reopen', ...ALWAYS_OPEN].includes(kind);
      if (speaks) insist(allowed(kind, was), 'P4', `${kind} of an episode told as ${String(was)}`);
      else insist(known === (was === 'open'), 'P4', `${kind} is wrong about who knows`);
      if (kind === 'open' || kind === 'reopen') told.set(episode.id, 'open');
      if (kind === 'close' || kind === 'retire') told.set(episode.id, 'closed');
    }
    const alive = new Set(standing(outcome.state).map(({ episode }) => episode.id));
    for (const [id, was] of told)
      insist(was === 'closed' || alive.has(id), 'P2', `${id} is over and was not closed`);
  };
};

/** P6: only a sample that was seen and good begins or continues a recovery. */
const unknownNeverResolves: Watching = ({ before, outcome, sights, input }) => {
  if (input.is === 'configured') return;
  for (const alert of standing(before)) {
    if (sights.get(keyOf(alert)) === 'good' || sights.get(keyOf(alert)) === 'bad') continue;
    const after = outcome.state.alerts[alert.fingerprint];
    insist(
      JSON.stringify(after?.condition) === JSON.stringify(alert.condition),
      'P6',
      `${alert.condition.is} became ${after?.condition.is ?? 'nothing'} without a sight`,
    );
  }
};

/** A close says "recovered" only after a good sight; what left the configuration is retired. */
const closedOnSight: Watching = ({ outcome, sights }) => {
  for (const transition of outcome.transitions)
    if (transition.kind === 'close')
      insist(sights.get(keyOf(transition)) === 'good', 'P6', 'a close without a good sight');
};

const URGES = ['remind', 'escalate'];

/** P7: nothing is said of what something explains; a doubled region waits only for the monitor itself. */
const explainedIsQuiet: Watching = ({ outcome, names }) => {
  const now = standing(outcome.state);
  for (const transition of outcome.transitions)
    if (['open', 'reopen', 'unfold', 'expiring', ...URGES].includes(transition.kind))
      insist(
        !isExplained(transition, now, names),
        'P7',
        `${transition.kind} of ${transition.rule} although its root stands`,
      );
  for (const { rule, visibility } of now) {
    if (visibility.is !== 'folded') continue;
    const { into } = visibility;
    insist(
      rule !== 'MaasHaDouble' || into.rule === 'MaasHaMonitorIsolated',
      'P7',
      'a double was explained',
    );
    const root = now.find(({ episode }) => episode.id === into.episode);
    if (root !== undefined && visibility.clearedAt === undefined)
      insist(!isExplained(root, now, names), 'P7', `${root.rule} is no root`);
  }
};

/** P8: nothing is said of what is silenced or in maintenance, except that the silence ends. */
const silencedIsQuiet: Watching = (seen) => {
  for (const transition of seen.outcome.transitions)
    if (['open', 'reopen', 'unfold', 'unmute', 'update', ...URGES].includes(transition.kind))
      insist(!isQuiet(transition, seen), 'P8', `${transition.kind} while silenced`);
};

/** P9: no timer runs backwards, across a restart or otherwise; the state is plain data. */
const timersGoOn: Watching = ({ before, outcome, input, passed }) => {
  const lived = outcome.state.age - before.age;
  insist(Math.abs(lived - passed) < 0.001, 'P9', `${lived} s were lived in ${passed} s`);
  for (const alert of Object.values(before.alerts)) {
    const after = outcome.state.alerts[alert.fingerprint];
    const was = alert.condition;
    const is = after?.condition;
    if (input.is === 'restart')
      insist(JSON.stringify(is) === JSON.stringify(was), 'P9', 'a restart changed a condition');
    if (is === undefined || !('elapsed' in was) || !('elapsed' in is) || is.is !== was.is) continue;
    insist(is.elapsed >= was.elapsed && is.samples >= was.samples, 'P9', `${is.is} was set back`);
    insist(is.since === was.since, 'P9', `${is.is} was started anew`);
  }
};

/** P10: an episode has one fingerprint and one beginning. */
const episodesAreOne = (): Watching => {
  const known = new Map<string, string>();
  return ({ outcome: { transitions, state } }) => {
    for (const { fingerprint, episode } of [...transitions, ...Object.values(state.alerts)]) {
      if (episode === undefined) continue;
      const identity = `${fingerprint} ${episode.startsAt}`;
      insist((known.get(episode.id) ?? identity) === identity, 'P10', `${episode.id} has changed`);
      known.set(episode.id, identity);
    }
  };
};

const WINDOW: Readonly<Record<string, number>> = { critical: 600, warning: 1800, info: 0 };

/** P10: what comes back soon is the same episode. */
const episodesGoOn = (): Watching => {
  const last = new Map<string, { readonly id: string; readonly ended: number }>();
  const fired = (
    { fingerprint, severity, episode }: Transition,
    { before, outcome }: Seen,
  ): void => {
    const past = last.get(fingerprint);
    if (past === undefined || past.id === episode?.id) return;
    const was = before.alerts[fingerprint]?.condition;
    const away = (was?.is === 'pending' ? was.since : outcome.state.age) - past.ended;
    const window = WINDOW[severity] ?? 0;
    insist(window === 0 || away > window, 'P10', `a new episode after ${away} s`);
  };
  return (seen) => {
    for (const transition of seen.outcome.transitions) {
      const { kind, fingerprint, episode } = transition;
      if (kind === 'fire') fired(transition, seen);
      if (kind !== 'close' && kind !== 'lapse' && kind !== 'retire') continue;
      if (episode === undefined || seen.input.is === 'configured') last.delete(fingerprint);
      else last.set(fingerprint, { id: episode.id, ended: seen.outcome.state.age });
    }
  };
};

interface Proof {
  readonly time: number;
  readonly samples: number;
  readonly last: number;
  readonly unbroken: boolean;
}

/** The time proven bad so far, kept without a look at the code: gaps are neither counted nor a reset. */
const proven = (before: Proof | undefined, sight: Sight, age: number): Proof | undefined => {
  if (sight === 'missing') return before && { ...before, unbroken: false };
  if (sight === 'good') return undefined;
  if (before === undefined) return { time: 0, samples: 1, last: age, unbroken: true };
  const passed = age - before.last;
  const credit = before.unbroken && passed <= 25 ? passed : 0;
  return { time: before.time + credit, samples: before.samples + 1, last: age, unbroken: true };
};

const isProven = (proof: Proof | undefined, rule: string): boolean => {
  const { for: hold, confirm } = ruleNamed(rule);
  const samples = confirm !== true && hold === 0 ? 1 : 2;
  return proof !== undefined && proof.time >= hold && proof.samples >= samples;
};

const firesExactly = (alert: Alert, before: Alert | undefined, enough: boolean): void => {
  if (before !== undefined && isStanding(before)) return;
  const fired = alert.condition.is === 'firing';
  const unsteady = alert.stability.is === 'flapping';
  insist(fired || !enough, 'hold-down', `${alert.rule} was bad for long enough and did not fire`);
  insist(!fired || enough || unsteady, 'hold-down', `${alert.rule} fired before its time`);
};

/** Fires when, and only when, it was seen bad for as long and as often as its rule asks. */
const holdDownIsExact = (): Watching => {
  const proofs = new Map<string, Proof>();
  return ({ before, outcome: { state }, sights, input }) => {
    const known = new Set(Object.values(state.alerts).map(keyOf));
    for (const [key, proof] of proofs) {
      if (input.is === 'restart') proofs.set(key, { ...proof, unbroken: false });
      if (!known.has(key)) proofs.delete(key);
    }
    if (input.is !== 'round') return;
    for (const alert of Object.values(state.alerts)) {
      if (alert.check !== input.result.check) continue;
      const key = keyOf(alert);
      const sight = sights.get(key) ?? 'missing';
      const proof = proven(proofs.get(key), sight, state.age);
      if (proof === undefined) proofs.delete(key);
      else proofs.set(key, proof);
      if (sight === 'bad')
        firesExactly(alert, before.alerts[alert.fingerprint], isProven(proof, alert.rule));
    }
  };
};

/** P1: what fires, unexplained and not silenced, is told after at most the longest wait. */
const toldInTime = (): Watching => {
  const waited = new Map<string, number>();
  return (seen) => {
    const { before, outcome, names } = seen;
    const now = standing(outcome.state);
    const ids = new Set(now.map(({ episode }) => episode.id));
    for (const id of waited.keys()) if (!ids.has(id)) waited.delete(id);
    for (const alert of now) {
      const { id } = alert.episode;
      const excused =
        alert.condition.is !== 'firing' || isQuiet(alert, seen) || isExplained(alert, now, names);
      // While nothing ran, nobody could be told.
      const passed = Math.min(10, outcome.state.age - before.age);
      const silent = excused ? 0 : (waited.get(id) ?? -passed) + passed;
      waited.set(id, silent);
      const told = alert.episode.told === 'open';
      insist(told || silent <= 100, 'P1', `${alert.rule} was kept silent for ${silent} s`);
    }
  };
};

/** Each with what it says; a new watcher for each history. */
export const PROPERTIES: readonly (readonly [string, string, () => Watching])[] = [
  ['P1', 'what fires, unexplained and not silenced, is told within its longest wait', toldInTime],
  [
    'P2, P4, P5',
    'people hear one open, then news, then one close, then at most a reopen',
    closeContract,
  ],
  ['P6', 'nothing unknown ends or begins a recovery', () => unknownNeverResolves],
  ['P6', 'what is called recovered was seen to be well', () => closedOnSight],
  ['P7', 'what is explained is not told while its root stands', () => explainedIsQuiet],
  ['P8', 'what is silenced or in maintenance is not told', () => silencedIsQuiet],
  [
    'P9',
    'no timer starts anew, by a restart or otherwise, or runs on any clock but its own',
    () => timersGoOn,
  ],
  ['P10', 'an episode has one fingerprint and one beginning', episodesAreOne],
  ['P10', 'what comes back soon is the same episode', episodesGoOn],
  [
    'hold-down',
    'it fires when, and only when, it was seen bad for long and often enough',
    holdDownIsExact,
  ],
];
