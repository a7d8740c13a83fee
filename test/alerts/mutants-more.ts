import type { Cause } from '../../alerts/causes.ts';
import { step } from '../../alerts/lifecycle.ts';
import { resume, type Alert, type Standing } from '../../alerts/state.ts';
import { transitionsOf, type Said } from '../../alerts/transition.ts';
import type { Subject } from './history.ts';
import { CATALOGUE } from './house.ts';
import { eachAlert, thatThen, without, type Mutant } from './mutants.ts';
import { standing } from './truth.ts';

/** What is added to what one step said of some alerts. */
const saying = (said: Said, of: (alert: Standing) => boolean): Partial<Subject> =>
  thatThen(({ state, transitions }) => ({
    state,
    transitions: [
      ...transitions,
      ...standing(state)
        .filter(of)
        .flatMap((alert) => transitionsOf(alert, [said], state.wall)),
    ],
  }));

const UNOWNED = { is: 'unacked' } as const;
const ESCALATE: Said = { kind: 'escalate', reason: 'nobody has acknowledged it', level: 1 };
const REMIND: Said = { kind: 'remind', reason: 'nobody has acknowledged it' };

/** The life cycle with other causes. */
const explainedBy = (change: (cause: Cause) => readonly Cause[]): Partial<Subject> => ({
  catalogue: {
    ...CATALOGUE,
    causes: Object.fromEntries(
      Object.entries(CATALOGUE.causes).map(([name, causes]) => [name, causes.flatMap(change)]),
    ),
  },
});

const forgetful = (alert: Alert): Alert =>
  alert.episode === undefined ? alert : { ...alert, episode: without(alert.episode, 'followup') };

export const MORE_MUTANTS: readonly Mutant[] = [
  [
    'a close without an open (Uptime Kuma 4792)',
    /P4/,
    thatThen(({ state, transitions }) => ({
      state,
      transitions: transitions.map((each) =>
        each.kind === 'lapse' ? { ...each, kind: 'close', reason: 'good for long enough' } : each,
      ),
    })),
  ],
  [
    'a relapse is a new episode',
    /P2|P10|P12/,
    thatThen(({ state, transitions }) => {
      const relapsed = transitions.filter(({ kind }) => kind === 'relapse');
      return {
        transitions,
        state: eachAlert(state, (alert) =>
          alert.episode !== undefined &&
          relapsed.some(({ fingerprint }) => fingerprint === alert.fingerprint)
            ? { ...alert, episode: { ...alert.episode, id: `${alert.episode.id}x` } }
            : alert,
        ),
      };
    }),
  ],
  [
    'what is acknowledged is escalated all the same',
    /B.3/,
    {
      step: (before, input, means) => {
        const owners = new Map(
          Object.values(before.alerts).map(({ fingerprint, ownership }) => [
            fingerprint,
            ownership,
          ]),
        );
        const outcome = step(
          eachAlert(before, (alert) => ({ ...alert, ownership: UNOWNED })),
          input,
          means,
        );
        const isOwn = input.is === 'acknowledge' || input.is === 'unacknowledge';
        const state = eachAlert(outcome.state, (alert) => {
          const owner = owners.get(alert.fingerprint) ?? UNOWNED;
          const mine = isOwn && input.fingerprint === alert.fingerprint;
          const runsOut = owner.is === 'acked' && (owner.until ?? Infinity) <= outcome.state.age;
          return mine || runsOut || alert.condition.is === 'resolved'
            ? alert
            : { ...alert, ownership: owner };
        });
        return { ...outcome, state };
      },
    },
  ],
  [
    'what is explained is escalated',
    /P7|B.3/,
    saying(
      ESCALATE,
      ({ visibility, episode }) => visibility.is === 'folded' && episode.told === 'open',
    ),
  ],
  [
    'people are reminded of what is silenced',
    /P8|B.3/,
    saying(
      REMIND,
      ({ visibility, episode }) => visibility.is === 'silenced' && episode.told === 'open',
    ),
  ],
  [
    'a restart lets nobody be reminded for longer',
    /B.3/,
    { resume: (stored, now) => eachAlert(resume(stored, now), forgetful) },
  ],
  [
    'what gets well for a moment is never escalated',
    /B.3/,
    thatThen(({ state, transitions }) => ({
      transitions,
      state: eachAlert(state, (alert) =>
        alert.condition.is === 'recovering' ? forgetful(alert) : alert,
      ),
    })),
  ],
  [
    'timers run on the clock on the wall',
    /P9/,
    {
      step: (before, input, means) => {
        const { wall } = means.now;
        const outcome = step({ ...before, steady: before.wall }, input, {
          ...means,
          now: { wall, steady: wall },
        });
        return { ...outcome, state: { ...outcome.state, steady: means.now.steady } };
      },
    },
  ],
  [
    'the end of a silence is announced again and again',
    /silence/,
    thatThen(({ state, transitions }) => ({
      transitions,
      state: eachAlert(state, (alert) => without(alert, 'warned')),
    })),
  ],
  [
    'the end of a silence is not announced (Alertmanager 5459)',
    /silence/,
    thatThen(({ state, transitions }) => ({
      state,
      transitions: transitions.filter(({ kind }) => kind !== 'expiring'),
    })),
  ],
  [
    'a silence of everything hides data that may be doubled',
    /P1/,
    {
      step: (before, input, means) =>
        step(before, input, {
          ...means,
          quiets: (means.quiets ?? []).flatMap((quiet) =>
            quiet.rule === undefined && quiet.episode === undefined
              ? [quiet, { ...quiet, rule: 'MaasHaDouble' }]
              : [quiet],
          ),
        }),
    },
  ],
  [
    'a silence of one episode hides the next one too',
    /P1|P8|silence/,
    {
      step: (before, input, means) =>
        step(before, input, {
          ...means,
          quiets: (means.quiets ?? []).map((quiet) => without(quiet, 'episode')),
        }),
    },
  ],
  ['one node is taken for all of them', /P1/, explainedBy((cause) => [without(cause, 'every')])],
  [
    'either of two causes is enough where both are needed (Alertmanager 4504)',
    /P1|P7/,
    explainedBy((cause) => [without(cause, 'and'), ...(cause.and ?? [])]),
  ],
  [
    'what needs two causes is never explained',
    /P7/,
    explainedBy((cause) => (cause.and === undefined ? [cause] : [])),
  ],
  [
    'it is not written down that an alert was folded',
    /P12/,
    thatThen(({ state, transitions }) => ({
      state,
      transitions: transitions.filter(({ kind }) => kind !== 'fold'),
    })),
  ],
];
