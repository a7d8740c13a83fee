import type { Check, CheckResult } from '../core/check.ts';
import { MONITOR } from '../core/ports/monitor.ts';
import type { Region } from '../core/region.ts';
import { absentResult } from '../core/result.ts';
import type { Instant } from '../core/time.ts';
import type { Planned } from './schedule.ts';

type Scoped = Pick<Check, 'scope'>;

/** True for a check that is about the monitor, and so has no business in a region. */
export const isOfMonitor = ({ scope }: Scoped): boolean => scope === 'monitor';

type Fitting = Pick<Check, 'scope' | 'absence'>;

const isOfItsKind = (check: Scoped, region: Region): boolean =>
  isOfMonitor(check) === (region === MONITOR);

/** Why the check does not exist for this region, where it is one of its kind. */
export const absenceOf = (check: Fitting, region: Region): string | undefined =>
  isOfItsKind(check, region) ? check.absence?.(region) : undefined;

/** Whether this is something that the check looks at. */
export const fits = (check: Fitting, region: Region): boolean =>
  isOfItsKind(check, region) && absenceOf(check, region) === undefined;

/** What stands in for the results of those checks that do not exist for this region, by their names. */
export const absentees = (
  checks: readonly Check[],
  region: Region,
  now: Instant,
): Readonly<Record<string, CheckResult>> =>
  Object.fromEntries(
    checks.flatMap((check) => {
      const reason = absenceOf(check, region);
      return reason === undefined
        ? []
        : [[check.name, absentResult(check, region.name, reason, now)] as const];
    }),
  );

/** What a check looks at: every region, or once the monitor. */
export const targetsOf = (check: Scoped, regions: readonly Region[]): readonly Region[] =>
  isOfMonitor(check) ? [MONITOR] : regions;

/** What the rule of this name is judged on; the regions, where no check in use declares it. */
export const targetsOfRule = (
  rule: string,
  checks: readonly Check[],
  regions: readonly Region[],
): readonly Region[] =>
  targetsOf(checks.find(({ rules }) => rules.some(({ name }) => name === rule)) ?? {}, regions);

/** Every check with everything that it looks at, region by region, the monitor last. */
export const plan = (checks: readonly Check[], regions: readonly Region[]): readonly Planned[] =>
  [...regions, MONITOR].flatMap((region) =>
    checks.filter((check) => fits(check, region)).map((check) => ({ check, region })),
  );
