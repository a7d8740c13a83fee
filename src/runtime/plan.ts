import type { Check } from '../core/check.ts';
import { MONITOR } from '../core/ports/monitor.ts';
import type { Region } from '../core/region.ts';
import type { Planned } from './schedule.ts';

type Scoped = Pick<Check, 'scope'>;

/** True for a check that is about the monitor, and so has no business in a region. */
export const isOfMonitor = ({ scope }: Scoped): boolean => scope === 'monitor';

/** Whether this is something that the check looks at. */
export const fits = (check: Scoped, region: Region): boolean =>
  isOfMonitor(check) === (region === MONITOR);

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
