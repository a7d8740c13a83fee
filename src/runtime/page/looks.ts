import type { CheckResult } from '../../core/check.ts';
import { describeResult, headline } from '../../core/describe.ts';
import type { Instant, Seconds } from '../../core/time.ts';
import type { Planned } from '../schedule.ts';
import { rankOf, SIGN_OF_STATE, type Sign } from './signs.ts';

/** The newest run of one check in one region. */
export interface Look {
  readonly check: string;
  readonly about: string;
  readonly sign: Sign;
  /** As the command line names it: `ok`, `skipped`, …; `waiting` before the first run. */
  readonly state: string;
  readonly says: string;
  /** When the run began; absent: there was none. */
  readonly at?: Instant;
  readonly took?: Seconds;
  /** All that it says, a line each. */
  readonly lines: readonly string[];
}

/** Every check that exists for the region, the worst first; one that has not run is not known. */
export const looksOf = (
  planned: readonly Planned[],
  region: string,
  results: readonly CheckResult[],
): readonly Look[] =>
  planned
    .filter((each) => each.region.name === region)
    .map(({ check: { name, about } }) =>
      lookOf(
        name,
        about,
        results.find(({ check }) => check === name),
      ),
    )
    .sort((a, b) => rankOf(a.sign) - rankOf(b.sign));

function lookOf(check: string, about: string, result: CheckResult | undefined): Look {
  if (result === undefined)
    return {
      check,
      about,
      sign: 'unknown',
      state: 'waiting',
      says: 'has not looked yet',
      lines: [],
    };
  return {
    check,
    about,
    sign: SIGN_OF_STATE[result.state],
    state: result.state,
    says: headline(result),
    at: result.startedAt,
    took: result.took,
    lines: describeResult(result).slice(1),
  };
}
