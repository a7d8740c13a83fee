import type { Rule } from '../src/core/rule.ts';
import { identityLabels, type Labels } from './identity.ts';

/** The alert that explains every other one of its region while it stands. */
export const ISOLATED = 'MaasHaMonitorIsolated';

/** An alert that explains another; `on` joins the explained one's label to the cause's. */
export interface Cause {
  readonly alert: string;
  readonly on: Labels;
}

/** By alert: all that can explain it, near or far. */
export type Causes = Readonly<Record<string, readonly Cause[]>>;

/** The declared causes contradict each other: which alert, what is wrong. */
export class CauseError extends Error {
  override readonly name = 'CauseError';
}

/**
 * The closure of all `inhibitedBy`: A explains C through B even if B has not fired. A rule that wants
 * an immediate second look (`confirm`) is about lost data and is explained by nothing but the
 * monitor's own isolation.
 *
 * @throws CauseError at once for all problems: a name that is no alert, a join on a label that does
 *   not identify, a cause on a rule that may have none, a circle (which is named).
 */
export function buildCauses(rules: readonly Rule[]): Causes {
  const byName = new Map<string, Rule>(rules.map((rule) => [rule.name, rule]));
  const problems = [
    ...doubles(rules).map((name) => `${name} is declared twice`),
    ...rules.flatMap((rule) => problemsOf(rule, byName)),
  ];
  if (problems.length > 0) throw new CauseError(problems.join('; '));
  const circle = findCircle(rules, byName);
  if (circle !== undefined)
    throw new CauseError(`alerts explain each other in a circle: ${circle.join(' → ')}`);
  const known = new Map<string, readonly Cause[]>();
  const closure = (rule: Rule): readonly Cause[] => {
    const before = known.get(rule.name);
    if (before !== undefined) return before;
    const found = distinct(
      near(rule, byName).flatMap((cause) => {
        const beyond = byName.get(cause.alert);
        return [cause, ...(beyond === undefined ? [] : closure(beyond)).map(through(cause))];
      }),
    );
    known.set(rule.name, found);
    return found;
  };
  return Object.fromEntries(rules.map((rule) => [rule.name, closure(rule)]));
}

/** True when an alert `cause` with these labels explains the other one. */
export const explains = (
  { alert, on }: Cause,
  cause: { readonly rule: string; readonly labels: Labels },
  explained: Labels,
): boolean =>
  cause.rule === alert &&
  Object.entries(on).every(([own, theirs]) => cause.labels[theirs] === explained[own]);

const declared = (rule: Rule): readonly Cause[] =>
  (rule.inhibitedBy ?? []).map(({ alert, on = {} }) => ({ alert, on }));

const near = (rule: Rule, byName: ReadonlyMap<string, Rule>): readonly Cause[] => [
  ...declared(rule),
  ...(rule.name !== ISOLATED && byName.has(ISOLATED) ? [{ alert: ISOLATED, on: {} }] : []),
];

/** A farther cause as seen from here. A join on a label that the nearer one leaves open falls away: some such alert would do. */
const through =
  (nearer: Cause) =>
  (farther: Cause): Cause => ({
    alert: farther.alert,
    on: Object.fromEntries(
      Object.entries(nearer.on).flatMap(([own, middle]) => {
        const theirs = farther.on[middle];
        return theirs === undefined ? [] : [[own, theirs]];
      }),
    ),
  });

const distinct = (causes: readonly Cause[]): readonly Cause[] => [
  ...new Map(
    causes.map((cause) => [
      `${cause.alert} ${JSON.stringify(Object.entries(cause.on).sort())}`,
      cause,
    ]),
  ).values(),
];

const doubles = (rules: readonly Rule[]): readonly string[] =>
  rules.map(({ name }) => name).filter((name, index, all) => all.indexOf(name) !== index);

const problemsOf = (rule: Rule, byName: ReadonlyMap<string, Rule>): readonly string[] =>
  declared(rule).flatMap(({ alert, on }) => {
    const cause = byName.get(alert);
    if (cause === undefined) return [`${rule.name}: no alert is named ${alert}`];
    if (rule.confirm === true && alert !== ISOLATED)
      return [`${rule.name}: wants a second look at once, so ${alert} must not explain it`];
    return Object.entries(on).flatMap(([own, theirs]) => [
      ...missing(rule, own),
      ...missing(cause, theirs),
    ]);
  });

const missing = (rule: Rule, label: string): readonly string[] =>
  identityLabels(rule).includes(label)
    ? []
    : [`${rule.name}: nothing can be joined on "${label}", which does not identify it`];

/** The names along the first circle, its first one again at the end. */
function findCircle(
  rules: readonly Rule[],
  byName: ReadonlyMap<string, Rule>,
): readonly string[] | undefined {
  const nexts = new Map<string, readonly string[]>(
    rules.map((rule) => [rule.name, near(rule, byName).map(({ alert }) => alert)]),
  );
  const done = new Set<string>();
  const walk = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of nexts.get(name) ?? []) {
      const circle = walk(next, [...path, name]);
      if (circle !== undefined) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of nexts.keys()) {
    const circle = walk(name, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
