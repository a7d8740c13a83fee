import type { Severity } from '../src/core/rule.ts';
import { formatDuration, seconds, type Seconds } from '../src/core/time.ts';

/** How patient the life of an alert is, by its severity. */
export interface Patience {
  /** Bad samples before anybody is told, besides the rule's `for`. */
  readonly minSamples: number;
  /** Good samples before it is over, besides `keepFor`. */
  readonly minOk: number;
  /** How long it must have been good before it is over. */
  readonly keepFor: Seconds;
  /** The longest that a new alert waits for a possible cause. */
  readonly holdAtMost: Seconds;
  /** Back within this, it is the same episode. 0: never. */
  readonly reopenWindow: Seconds;
  /** No more than one update of the text in this time. */
  readonly updateEvery: Seconds;
  /** How long nobody may acknowledge it until each further level of people hears of it. Empty: none does. */
  readonly escalateAfter: readonly Seconds[];
  /** The waits before each reminder that nobody has acknowledged; the last one repeats. Empty: no reminders. */
  readonly remindEvery: readonly Seconds[];
  /** How often whoever acknowledged it is asked. 0: never. */
  readonly remindAckedEvery: Seconds;
}

export interface Timers {
  readonly patience: Readonly<Record<Severity, Patience>>;
  /** Added to what a held alert waits for, so that the cause's own round has time to end. */
  readonly holdMargin: Seconds;
  /** Besides one interval: how long what a cleared cause explained may stay folded. */
  readonly unfoldGrace: Seconds;
  /** How long an ended episode stays known, for those who must be told of its end again. */
  readonly retention: Seconds;
  /** Good this long (or three times `keepFor`) ends flapping. */
  readonly calmAfter: Seconds;
  /** Updates of a flapping alert come no more often. */
  readonly flappingUpdateEvery: Seconds;
  readonly relapses: { readonly most: number; readonly within: Seconds };
  readonly episodes: { readonly most: number; readonly within: Seconds };
}

export const DEFAULT_TIMERS: Timers = {
  patience: {
    critical: {
      minSamples: 2,
      minOk: 2,
      keepFor: seconds(60),
      holdAtMost: seconds(60),
      reopenWindow: seconds(600),
      updateEvery: seconds(30),
      escalateAfter: [seconds(600), seconds(1200)],
      remindEvery: [seconds(900), seconds(1800), seconds(3600)],
      remindAckedEvery: seconds(4 * 3600),
    },
    warning: {
      minSamples: 2,
      minOk: 2,
      keepFor: seconds(120),
      holdAtMost: seconds(90),
      reopenWindow: seconds(1800),
      updateEvery: seconds(60),
      escalateAfter: [],
      remindEvery: [seconds(12 * 3600)],
      remindAckedEvery: seconds(24 * 3600),
    },
    info: {
      minSamples: 1,
      minOk: 1,
      keepFor: seconds(0),
      holdAtMost: seconds(90),
      reopenWindow: seconds(0),
      updateEvery: seconds(300),
      escalateAfter: [],
      remindEvery: [],
      remindAckedEvery: seconds(0),
    },
  },
  holdMargin: seconds(5),
  unfoldGrace: seconds(30),
  retention: seconds(900),
  calmAfter: seconds(600),
  flappingUpdateEvery: seconds(600),
  relapses: { most: 4, within: seconds(1800) },
  episodes: { most: 6, within: seconds(86_400) },
};

/** What is wrong with these timers, each as a sentence with what was found and what is expected. */
export function timerProblems(timers: Timers): readonly string[] {
  return [
    ...Object.entries(timers.patience).flatMap(([severity, patience]) =>
      patienceProblems(patience, timers).map((problem) => `${severity}: ${problem}`),
    ),
    ...(timers.relapses.within > timers.episodes.within
      ? ['relapses.within is longer than episodes.within']
      : []),
    ...(timers.relapses.most < 2 || timers.episodes.most < 2
      ? ['relapses.most and episodes.most must be at least 2']
      : []),
  ];
}

const patienceProblems = (patience: Patience, timers: Timers): readonly string[] => {
  const { minSamples, minOk, keepFor, holdAtMost, reopenWindow } = patience;
  const { updateEvery, remindAckedEvery } = patience;
  const lengths = [keepFor, holdAtMost, reopenWindow, updateEvery, remindAckedEvery];
  return [
    ...(lengths.every((length) => Number.isFinite(length) && length >= 0)
      ? []
      : ['a time is negative or no number']),
    ...followupProblems(patience),
    ...(Number.isInteger(minSamples) && minSamples >= 1 && Number.isInteger(minOk) && minOk >= 1
      ? []
      : ['minSamples and minOk must be whole numbers of at least 1']),
    ...(reopenWindow > 0 && reopenWindow < keepFor
      ? [
          `reopenWindow ${formatDuration(reopenWindow)} is shorter than keepFor ${formatDuration(keepFor)}`,
        ]
      : []),
    ...(holdAtMost < timers.holdMargin ? ['holdAtMost is shorter than holdMargin'] : []),
  ];
};

const followupProblems = ({
  escalateAfter,
  remindEvery,
  remindAckedEvery,
  updateEvery,
}: Patience): readonly string[] => {
  const rises = escalateAfter.every(
    (after, level) => Number.isFinite(after) && after > (escalateAfter[level - 1] ?? 0),
  );
  const reminders = remindAckedEvery > 0 ? [...remindEvery, remindAckedEvery] : remindEvery;
  // Nobody is reminded of what they have just read.
  const seldom = reminders.every(
    (every) => Number.isFinite(every) && every >= Math.max(SELDOM, updateEvery),
  );
  return [
    ...(rises ? [] : ['escalateAfter must be times above 0, each longer than the one before']),
    ...(seldom
      ? []
      : [
          `remindEvery and remindAckedEvery must be at least ${formatDuration(SELDOM)} and not shorter than updateEvery`,
        ]),
  ];
};

const SELDOM = seconds(60);

interface Pace {
  readonly interval: Seconds;
  readonly timeout: Seconds;
}

/** Two samples further apart than this do not prove what was in between. */
export const longestGap = ({ interval, timeout }: Pace): Seconds => seconds(2 * interval + timeout);

/** Not seen for this long, what is known of an alert is old. */
export const staleAfter = ({ interval, timeout }: Pace): Seconds =>
  seconds(Math.max(3 * interval, interval + timeout + 30));
