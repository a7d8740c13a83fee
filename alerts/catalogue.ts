import type { Rule } from '../src/core/rule.ts';
import type { Seconds } from '../src/core/time.ts';
import { buildCauses, type Causes } from './causes.ts';
import { DEFAULT_TIMERS, timerProblems, type Timers } from './timers.ts';

/** A check as far as its alerts are concerned. */
export interface Watch {
  readonly check: string;
  readonly rules: readonly Rule[];
  /** The longest time between two planned runs. */
  readonly interval: Seconds;
  readonly timeout: Seconds;
}

/** What alerts are judged by. */
export interface Catalogue {
  readonly watches: readonly Watch[];
  readonly rules: ReadonlyMap<string, { readonly rule: Rule; readonly watch: Watch }>;
  readonly causes: Causes;
  readonly timers: Timers;
}

/**
 * The rules in use, with all that can explain them. `declared` are all rules that exist: one that the
 * operator has switched off is no dangling name, and still lets a cause explain through it.
 *
 * @throws CauseError
 * @throws RangeError when the timers contradict each other.
 */
export function catalogueOf(
  watches: readonly Watch[],
  timers: Timers = DEFAULT_TIMERS,
  declared: readonly Rule[] = watches.flatMap(({ rules }) => rules),
): Catalogue {
  const problems = timerProblems(timers);
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  return {
    watches,
    rules: new Map(
      watches.flatMap((watch) => watch.rules.map((rule) => [rule.name, { rule, watch }])),
    ),
    causes: buildCauses(declared),
    timers,
  };
}
