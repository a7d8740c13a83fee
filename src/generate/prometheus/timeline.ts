import type { Rule } from '../../core/rule.ts';
import { holds, type Condition } from '../../core/rule.ts';
import { identityLabels } from '../../../alerts/identity.ts';
import { selector } from '../promql.ts';

/*
 * What a test of a rule lets Prometheus see: a line of samples, in promtool's own notation.
 */

/** What is seen of the thing at one sample. `failed`: the scrape failed, so nothing at all is seen. */
type Sight = 'good' | 'between' | 'bad' | 'gone' | 'unknown' | 'failed';

/** So many samples of one sight. */
export type Phase = readonly [Sight, number];

export interface Values {
  readonly good: number;
  readonly bad: number;
  /** Neither begins an alert nor ends it; absent where the rule has one threshold only. */
  readonly between?: number;
}

/** Numbers such as the metric may have, one for each sight. @throws Error when nothing can be good, or bad. */
export function valuesOf({ name, when, clear }: Rule): Values {
  const limits = [when, ...(clear === undefined ? [] : [clear])].map(thresholdOf);
  const mean = limits.reduce((sum, each) => sum + each, 0) / limits.length;
  const candidates = [
    0,
    1,
    mean,
    ...limits.flatMap((at) => [at / 2, at, at * 1.5, at - 1, at + 1]),
  ];
  const first = (fits: (value: number) => boolean): number | undefined => candidates.find(fits);
  const ends = (value: number): boolean => clear === undefined || holds(clear, value);
  const good = first((value) => !holds(when, value) && ends(value));
  const bad = first((value) => holds(when, value) && !(clear !== undefined && holds(clear, value)));
  if (good === undefined || bad === undefined)
    throw new Error(
      `${name}: no value is ${good === undefined ? 'good' : 'bad'} under when ${JSON.stringify(when)}, clear ${JSON.stringify(clear)}; expected thresholds that do not contradict each other`,
    );
  const between = first((value) => !holds(when, value) && !ends(value));
  return { good, bad, ...(between !== undefined && { between }) };
}

const thresholdOf = (condition: Condition): number =>
  'above' in condition ? condition.above : 'below' in condition ? condition.below : condition.equal;

/** Names as a region may have them. */
const NAMES: Readonly<Record<string, string>> = {
  region: 'maas3',
  node: 'rc2',
  peer: 'rc1',
  standby: 'rc2',
  backend: 'rc2',
  server: 'rc2',
  controller: 'rc2',
  rack: 'rc2',
  cluster: 'maas4',
  zone: '16.31.172.in-addr.arpa',
  transport: 'tcp',
  service: 'http',
  component: 'clusters',
  address: '2001:db8:2::39',
  channel: 'slack',
  check: 'vip',
  watched: 'maas3',
  of: 'vip',
  slot: 'rc2_slot',
};

/** The labels by which the alert of a test is told from others. */
export const exampleOf = (rule: Rule): Readonly<Record<string, string>> => ({
  region: 'maas3',
  ...Object.fromEntries(identityLabels(rule).map((label) => [label, NAMES[label] ?? `a ${label}`])),
});

/** The series that one monitor shows of the rule's thing, and of how completely its check looked. */
export function seriesOf(
  rule: Rule,
  check: string,
  phases: readonly Phase[],
  instance = 'a:9877',
): readonly { readonly series: string; readonly values: string }[] {
  const scraped = { job: 'maasha', instance };
  const values = valuesOf(rule);
  const seen = (sight: Sight): number | undefined =>
    sight === 'good' || sight === 'bad' || sight === 'between' ? values[sight] : undefined;
  const gaps = (sight: Sight): number | undefined =>
    sight === 'failed' ? undefined : Number(sight === 'unknown');
  return [
    {
      series: selector(rule.metric, { ...exampleOf(rule), ...rule.where, ...scraped }),
      values: notation(phases, seen),
    },
    {
      series: selector('maasha_check_gaps', { region: 'maas3', check, ...scraped }),
      values: notation(phases, gaps),
    },
  ];
}

/** What is absent is marked stale at first, as Prometheus does it when a scrape does not have it any more. */
function notation(phases: readonly Phase[], value: (sight: Sight) => number | undefined): string {
  let before: number | undefined;
  const words = phases.flatMap(([sight, count]) => {
    const now = value(sight);
    const word = now === undefined ? absent(count, before !== undefined) : [times(now, count)];
    before = now;
    return word;
  });
  return words.join(' ');
}

/** `1x3` is four times 1, and `_x3` three times nothing. */
const times = (value: number, count: number): string =>
  count === 1 ? String(value) : `${value}x${count - 1}`;

const absent = (count: number, isNew: boolean): readonly string[] => {
  const rest = isNew ? count - 1 : count;
  return [...(isNew ? ['stale'] : []), ...(rest > 0 ? [`_x${rest}`] : [])];
};
