import { seconds, type Seconds } from '../../core/time.ts';
import { promDuration, selector } from '../promql.ts';
import type { Explanation } from './explanations.ts';

/*
 * Alertmanager joins labels of the same name only, knows nothing of an alert that is still pending, and
 * forgets a cause the moment it is over. So Prometheus raises an alert beside the cause that nobody is told
 * of, with the cause's labels under the names that they have on the target.
 */

/** The alert that only keeps others quiet. */
export const INHIBITOR = 'MaasHaInhibitor';

/**
 * How long a helper outlives what raised it. From pending to firing nothing must slip through. And what a
 * cause explains ends after the cause: its check looks later, and a warning is kept for longer than a critical
 * alert. Told then, it would be news of what is over. A new alert of that kind is held back for as long.
 */
const OUTLIVES: Readonly<Record<Stage, Seconds>> = { pending: seconds(30), firing: seconds(150) };

type Stage = 'pending' | 'firing';

/** One rule that raises the inhibitor. */
export interface Inhibitor {
  readonly cause: string;
  readonly stage: Stage;
  /** How the target is joined to the cause, as text: with the two others it tells the inhibitors apart. */
  readonly join: string;
  readonly expression: string;
}

/** The inhibitors that an explanation needs. */
export const inhibitorsFor = (each: Explanation): readonly Inhibitor[] => [
  inhibitor(each, 'firing'),
  ...(each.alsoPending ? [inhibitor(each, 'pending')] : []),
];

/** Whether the labels that are joined have the same names on both sides. */
export const isPlain = ({ on }: Pick<Explanation, 'on'>): boolean =>
  Object.entries(on).every(([own, theirs]) => own === theirs);

const inhibitor = (each: Explanation, stage: Stage): Inhibitor => ({
  cause: each.cause.name,
  stage,
  join: [
    'region',
    ...sorted(each.on).map(([own, theirs]) => `${own}=${theirs}`),
    ...sorted(each.where).map(([label, value]) => `${label} is ${value}`),
  ].join(', '),
  expression: expressionOf(each, stage),
});

const sorted = (labels: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));

function expressionOf({ target, cause, on, where }: Explanation, stage: Stage): string {
  const renamed = sorted(on).filter(([own, theirs]) => own !== theirs);
  const clash = renamed.find(([own]) => renamed.some(([, theirs]) => theirs === own));
  if (clash !== undefined)
    throw new Error(
      `${target.name}: "${clash[0]}" is joined to a label of ${cause.name} and is itself one that others are joined to; expected joins that can be made one after the other`,
    );
  const alerts = selector('ALERTS', { alertname: cause.name, alertstate: stage, ...where });
  const labelled = renamed.reduce(
    (inner, [own, theirs]) => `label_replace(${inner}, "${own}", "$1", "${theirs}", "(.+)")`,
    alerts,
  );
  return `max by (${['region', ...Object.keys(on).sort()].join(', ')}) (${labelled})`;
}

/** A rule that raises a helper, as Prometheus reads it. */
export interface HelperRule {
  readonly alert: typeof INHIBITOR;
  readonly expr: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<'severity' | 'cause' | 'stage' | 'join', string>>;
}

/** The rules that raise them, each once. */
export const inhibitorRules = (explanations: readonly Explanation[]): readonly HelperRule[] =>
  distinct(explanations.flatMap(inhibitorsFor)).map(({ cause, stage, join, expression }) => ({
    alert: INHIBITOR,
    expr: expression,
    keep_firing_for: promDuration(OUTLIVES[stage]),
    labels: { severity: 'none', cause, stage, join },
  }));

function distinct(inhibitors: readonly Inhibitor[]): readonly Inhibitor[] {
  const keyOf = ({ cause, stage, join }: Inhibitor): string => JSON.stringify([cause, stage, join]);
  return [...new Map(inhibitors.map((each) => [keyOf(each), each])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, each]) => each);
}
