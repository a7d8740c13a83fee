import { step, type Input, type Outcome } from '../../alerts/lifecycle.ts';
import { resume, type Alert, type Alerts } from '../../alerts/state.ts';
import { instant, seconds } from '../../src/core/time.ts';
import type { Subject } from './history.ts';
import { CATALOGUE } from './house.ts';

/* Life cycles with the faults of other alerters: what they do and which property that breaks. */

export const eachAlert = (state: Alerts, change: (alert: Alert) => Alert): Alerts => ({
  ...state,
  alerts: Object.fromEntries(
    Object.entries(state.alerts).map(([key, alert]) => [key, change(alert)]),
  ),
});

export const without = <Whole extends object, Key extends keyof Whole & string>(
  whole: Whole,
  key: Key,
): Omit<Whole, Key> =>
  Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key)) as Omit<Whole, Key>;

type After = (outcome: Outcome, before: Alerts, input: Input) => Outcome;

/** The step function with a fault added to what it comes to. */
export const thatThen = (spoil: After): Partial<Subject> => ({
  step: (before, input, means) => spoil(step(before, input, means), before, input),
});

/** Takes what could not be seen for good, as systems do for which absence is health. */
const unknownIsGood = (before: Alerts, input: Input): Input => {
  if (input.is !== 'round') return input;
  const { result } = input;
  const missing = Object.values(before.alerts)
    .filter(({ check }) => check === result.check)
    .filter(
      ({ rule, labels }) =>
        !result.observations.some(
          ({ metric, labels: seen }) =>
            metric === CATALOGUE.rules.get(rule)?.rule.metric && seen['node'] === labels['node'],
        ),
    )
    .flatMap(({ rule, labels }) => {
      const metric = CATALOGUE.rules.get(rule)?.rule.metric;
      return metric === undefined
        ? []
        : [{ kind: 'observation' as const, metric, labels, value: 0 }];
    });
  const rest = without(result, 'failure');
  return {
    is: 'round',
    result: { ...rest, observations: [...result.observations, ...missing] },
  };
};

const pendingAnew = (alert: Alert): Alert =>
  alert.condition.is === 'pending'
    ? { ...alert, condition: { ...alert.condition, elapsed: seconds(0), samples: 0 } }
    : alert;

export type Mutant = readonly [string, RegExp, Partial<Subject>];

export const MUTANTS: readonly Mutant[] = [
  [
    'unknown resolves (Prometheus: absence is recovery)',
    /P6/,
    { step: (before, input, means) => step(before, unknownIsGood(before, input), means) },
  ],
  [
    'a gap resets the hold-down (pint 966)',
    /P9|hold-down/,
    thatThen(({ state, transitions }) => ({
      transitions,
      state: eachAlert(state, (alert) => (alert.knowledge.unbroken ? alert : pendingAnew(alert))),
    })),
  ],
  [
    'a gap counts for the hold-down',
    /hold-down/,
    {
      step: (before, input, means) =>
        step(
          eachAlert(before, (alert) => ({
            ...alert,
            knowledge: { ...alert.knowledge, unbroken: true },
          })),
          input,
          means,
        ),
    },
  ],
  [
    'the close is dropped when folded or silenced (Alertmanager 226)',
    /P2/,
    thatThen(({ state, transitions }, before) => ({
      state,
      transitions: transitions.filter(
        ({ kind, fingerprint }) =>
          kind !== 'close' ||
          ['visible', 'held'].includes(before.alerts[fingerprint]?.visibility.is ?? ''),
      ),
    })),
  ],
  [
    'a reopen mints a new episode',
    /P10/,
    {
      step: (before, input, means) =>
        step(
          eachAlert(before, (alert) => {
            const rest = without(alert, 'episode');
            return alert.condition.is === 'resolved'
              ? { ...rest, condition: { is: 'inactive' } }
              : alert;
          }),
          input,
          means,
        ),
    },
  ],
  [
    'a relapse moves the beginning',
    /P10/,
    thatThen((outcome) => {
      const relapsed = new Set(
        outcome.transitions
          .filter(({ kind }) => kind === 'relapse')
          .map(({ fingerprint }) => fingerprint),
      );
      return {
        ...outcome,
        state: eachAlert(outcome.state, (alert) =>
          alert.episode !== undefined && relapsed.has(alert.fingerprint)
            ? { ...alert, episode: { ...alert.episode, startsAt: instant(outcome.state.wall + 1) } }
            : alert,
        ),
      };
    }),
  ],
  [
    'a restart starts the timers anew',
    /P9/,
    { resume: (stored, now) => eachAlert(resume(stored, now), pendingAnew) },
  ],
  ['causes are forgotten', /P7/, { catalogue: { ...CATALOGUE, causes: {} } }],
  [
    'only near causes count, and only when they fire',
    /P7/,
    {
      catalogue: {
        ...CATALOGUE,
        causes: {
          ...CATALOGUE.causes,
          MaasHaLag: [{ alert: 'MaasHaDatabase', on: { node: 'node' } }],
        },
      },
    },
  ],
  [
    'a hold has no end (fail-closed)',
    /P1/,
    thatThen((outcome) => ({
      ...outcome,
      state: eachAlert(outcome.state, (alert) =>
        alert.visibility.is === 'held'
          ? { ...alert, visibility: { is: 'held', until: seconds(1e9) } }
          : alert,
      ),
    })),
  ],
  [
    'what is retired is called recovered',
    /P6/,
    thatThen(({ state, transitions }) => ({
      state,
      transitions: transitions.map((each) =>
        each.kind === 'retire' ? { ...each, kind: 'close' } : each,
      ),
    })),
  ],
  [
    'a silence is overlooked',
    /P8/,
    { step: (before, input, means) => step(before, input, { ...means, quiets: [] }) },
  ],
];
