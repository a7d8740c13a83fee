import { identityLabels } from '../../../alerts/identity.ts';
import type { Check } from '../../core/check.ts';
import type { Condition, Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import { promDuration, selector, windowOf } from '../promql.ts';

/*
 * What a rule of ours is in PromQL. Three parts, each with the labels `region` and those that identify
 * the thing, and no others, so that two monitors, and two Prometheus servers, speak of one alert:
 *
 *   raise    somebody sees it bad;
 *   linger   it began and has not come back beyond the threshold at which it ends;
 *   unknown  it fires, is not seen at all, and its check has not looked completely. The value is NaN then,
 *            which differs from itself: that is how annotations tell.
 *
 * `ALERTS` is what Prometheus itself wrote at the evaluation before. Its own labels are aggregated away.
 */

/** A rule with the check that judges it. */
export interface Judged {
  readonly rule: Rule;
  readonly check: Pick<Check, 'name' | 'every'>;
}

/** What an alert of the rule is told from others by, besides its name. */
const identityWithRegion = (rule: Rule): readonly string[] => ['region', ...identityLabels(rule)];

/** Without any sign of a check for so long, the region is not watched any more, or the monitor is dead: another alert says so. */
export const FORGOTTEN = seconds(3600);

/** The whole of a rule, one part a line. */
export function expressionOf({ rule, check }: Judged): string {
  const window = windowOf(check);
  const by = identityWithRegion(rule).join(', ');
  const range = promDuration(window);
  const seen = `last_over_time(${selector(rule.metric, rule.where)}[${range}])`;
  const worst = `${'below' in rule.when ? 'min' : 'max'} by (${by})`;
  const gaps = (within: string): string =>
    `last_over_time(${selector('maasha_check_gaps', { check: check.name })}[${within}])`;
  const alert = (labels: Readonly<Record<string, string>> = {}): string =>
    selector('ALERTS', { alertname: rule.name, ...labels });
  return [
    `${worst} (${seen} ${comparison(rule.when)})`,
    ...(rule.clear === undefined
      ? []
      : [
          'or (',
          `    ${worst} (${seen} ${comparison(rule.clear, 'not')})`,
          `  and on (${by}) ${alert()}`,
          ')',
        ]),
    'or (',
    `    max by (${by}) (${alert({ alertstate: 'firing' })}) * NaN`,
    `  unless on (${by}) ${seen}`,
    `  unless on (region) (${gaps(range)} == 0)`,
    `  and on (region) ${gaps(promDuration(seconds(Math.max(FORGOTTEN, 2 * window))))}`,
    ')',
    '',
  ].join('\n');
}

/** `> 5`; or, with `not`, its opposite. */
function comparison(condition: Condition, not?: 'not'): string {
  if ('above' in condition) return `${not ? '<=' : '>'} ${condition.above}`;
  if ('below' in condition) return `${not ? '>=' : '<'} ${condition.below}`;
  return `${not ? '!=' : '=='} ${condition.equal}`;
}
