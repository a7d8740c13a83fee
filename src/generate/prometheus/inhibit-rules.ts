import type { Rule } from '../../core/rule.ts';
import { explanationsOf, type Explanation } from './explanations.ts';
import { INHIBITOR, inhibitorsFor, isPlain } from './inhibitors.ts';

/** One matcher of Alertmanager: the label has one of these values. */
export interface Matcher {
  readonly label: string;
  readonly values: readonly string[];
}

/** One inhibit rule: a source that fires keeps targets quiet that have the same values of these labels. */
export interface InhibitRule {
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

/** One alert that keeps another one quiet, in one way. */
interface Edge {
  readonly target: string;
  readonly cause: string;
  /** The label of the source that names the cause. */
  readonly named: 'alertname' | 'cause';
  readonly source: readonly Matcher[];
  readonly only: readonly Matcher[];
  readonly equal: readonly string[];
}

/** All explanations, as few rules as can say them. Every rule wants the region to be equal. */
export const inhibitRules = (rules: readonly Rule[]): readonly InhibitRule[] =>
  merged(explanationsOf(rules).flatMap(edgesOf));

function edgesOf(each: Explanation): readonly Edge[] {
  const common = {
    target: each.target.name,
    cause: each.cause.name,
    only: matchers(each.only),
    equal: ['region', ...Object.keys(each.on).sort()],
  };
  return [
    ...(isPlain(each)
      ? [{ ...common, named: 'alertname' as const, source: matchers(each.where) }]
      : []),
    ...inhibitorsFor(each).map(({ stage, join }) => ({
      ...common,
      named: 'cause' as const,
      source: matchers({ alertname: INHIBITOR, stage, join }),
    })),
  ];
}

const matchers = (labels: Readonly<Record<string, string>>): readonly Matcher[] =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => ({ label, values: [value] }));

/** How it does so, whichever the two alerts are. */
const wayOf = ({ named, source, only, equal }: Edge) => ({ named, source, only, equal });

/** First all causes of one target, then all targets of the same causes. */
function merged(edges: readonly Edge[]): readonly InhibitRule[] {
  const byTarget = grouped(edges, (edge) => [edge.target, wayOf(edge)]);
  const causes = byTarget.map(([first, ...others]) => ({
    first,
    names: unique([first, ...others].map(({ cause }) => cause)),
  }));
  return grouped(causes, ({ first, names }) => [names, wayOf(first)]).map(([one, ...others]) => {
    const { first, names } = one;
    const targets = unique([one, ...others].map((each) => each.first.target));
    return {
      source: [...first.source, { label: first.named, values: names }],
      target: [{ label: 'alertname', values: targets }, ...first.only],
      equal: first.equal,
    };
  });
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

type Some<Item> = readonly [Item, ...Item[]];

function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => unknown,
): readonly Some<Item>[] {
  const groups = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
