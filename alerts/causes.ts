import type { Because, Rule } from '../src/core/rule.ts';
import { identityLabels, type Labels } from './identity.ts';
import type { Names } from './state.ts';

/** The alert that explains every other one of its region while it stands. */
export const ISOLATED = 'MaasHaMonitorIsolated';

/** What no broad silence may hide: a region that may be doubled, and a monitor that sees nothing. */
export const isGrave = ({ name, confirm }: Rule): boolean => confirm === true || name === ISOLATED;

/** An alert that must stand for an explanation to hold; `on` joins the explained one's label to its own. */
export interface Part {
  readonly alert: string;
  readonly on: Labels;
  /** Label values that the explained one must have. */
  readonly only?: Labels;
  /** Label values that it must have. */
  readonly where?: Labels;
  /** One such alert for each configured name of this label of it, instead of any one. */
  readonly every?: string;
}

/** What explains an alert: this part, and all in `and`. */
export interface Cause extends Part {
  readonly and?: readonly Part[];
}

/** By alert: all that can explain it, near or far. */
export type Causes = Readonly<Record<string, readonly Cause[]>>;

/** The declared causes contradict each other: which alert, what is wrong. */
class CauseError extends Error {
  override readonly name = 'CauseError';
}

/**
 * The closure of all `inhibitedBy`: A explains C through B even if B has not fired. A rule that wants
 * an immediate second look (`confirm`) is about lost data and is explained by nothing but the
 * monitor's own isolation.
 *
 * Where several alerts are needed at once, the closure is careful, for what is not explained is told:
 * through such a cause reaches only a single alert that explains every part of it, and such a cause
 * reaches farther only with all of its joins.
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
  const closure = (name: string): readonly Cause[] => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const rule = byName.get(name);
    if (rule === undefined) return [];
    const found = distinct(
      near(rule, byName).flatMap((cause) => [cause, ...beyond(cause, closure)]),
    );
    known.set(name, found);
    return found;
  };
  return Object.fromEntries(rules.map(({ name }) => [name, closure(name)]));
}

/** All that has to stand for a cause. */
export const partsOf = (cause: Cause): readonly Part[] => [cause, ...(cause.and ?? [])];

interface Thing {
  readonly rule: string;
  readonly labels: Labels;
}

/** True when an alert `cause` with these labels is this part of what explains the other one. */
export const explains = (
  { alert, on, where = {} }: Part,
  cause: Thing,
  explained: Labels,
): boolean =>
  cause.rule === alert &&
  hasAll(cause.labels, where) &&
  Object.entries(on).every(([own, theirs]) => cause.labels[theirs] === explained[own]);

const hasAll = (labels: Labels, values: Labels): boolean =>
  Object.entries(values).every(([label, value]) => labels[label] === value);

/** One alert that a cause needs: any for which this is true. */
export type Seat = (candidate: Thing) => boolean;

/**
 * All that a cause needs in order to explain an alert with these labels, one by one. Undefined when it
 * explains only others, and when it wants one for each name and no names are known: then nothing can be
 * said to be all of them.
 */
export function seatsOf(
  cause: Cause,
  explained: Labels,
  names: Names,
): readonly (readonly [Part, Seat])[] | undefined {
  if (!partsOf(cause).every(({ only = {} }) => hasAll(explained, only))) return undefined;
  const seats = partsOf(cause).map((part): readonly (readonly [Part, Seat])[] => {
    const fits: Seat = (candidate) => explains(part, candidate, explained);
    const { every } = part;
    if (every === undefined) return [[part, fits]];
    return (names[every] ?? []).map((name) => [
      part,
      (candidate) => candidate.labels[every] === name && fits(candidate),
    ]);
  });
  return seats.some(({ length }) => length === 0) ? undefined : seats.flat();
}

/** What explains an alert with these labels in this way; nothing while a part of it is missing. */
export function standingFor<Candidate extends Thing>(
  cause: Cause,
  explained: Labels,
  standing: readonly Candidate[],
  names: Names,
): readonly Candidate[] {
  const taken = (seatsOf(cause, explained, names) ?? []).map(([, seat]) => standing.filter(seat));
  return taken.some(({ length }) => length === 0) ? [] : taken.flat();
}

const partOf = ({ alert, on = {}, only, where, every }: Because): Part => ({
  alert,
  on,
  ...(only !== undefined && { only }),
  ...(where !== undefined && { where }),
  ...(every !== undefined && { every }),
});

const declared = (rule: Rule): readonly Cause[] =>
  (rule.inhibitedBy ?? []).map((cause) => ({
    ...partOf(cause),
    ...(cause.and !== undefined && { and: cause.and.map(partOf) }),
  }));

const near = (rule: Rule, byName: ReadonlyMap<string, Rule>): readonly Cause[] => [
  ...declared(rule),
  ...(rule.name !== ISOLATED && byName.has(ISOLATED) ? [{ alert: ISOLATED, on: {} }] : []),
];

const isSingle = ({ every, and }: Cause): boolean => every === undefined && and === undefined;

/** What explains all of a cause, as seen from what the cause explains. */
function beyond(cause: Cause, closure: (name: string) => readonly Cause[]): readonly Cause[] {
  if (isSingle(cause)) return closure(cause.alert).flatMap((farther) => through(cause, farther));
  const reached = partsOf(cause).map((part) =>
    closure(part.alert)
      .filter((farther) => isSingle(farther) && isKept(part, farther) && isMeant(part, farther))
      .map((farther) => joined(part, farther)),
  );
  const keys = reached.map((each) => new Set(each.map(keyOf)));
  return (reached[0] ?? []).filter((each) => keys.every((all) => all.has(keyOf(each))));
}

/**
 * A farther cause as seen from here. A join on a label that the nearer one leaves open falls away:
 * some such alert would do. Of several at once, they might then be about different things.
 */
const through = (nearer: Part, farther: Cause): readonly Cause[] => {
  if (!partsOf(farther).every((part) => isMeant(nearer, part))) return [];
  if (isSingle(farther)) return [joined(nearer, farther)];
  if (!partsOf(farther).every((part) => isKept(nearer, part))) return [];
  const { and } = farther;
  return [
    {
      ...joined(nearer, farther),
      ...(and !== undefined && { and: and.map((part) => joined(nearer, part)) }),
    },
  ];
};

const joined = (nearer: Part, { alert, on, only: wanted = {}, where = {}, every }: Part): Part => {
  // What is known of the label in between is known of the one that equals it.
  const known = Object.entries(nearer.where ?? {}).flatMap(([middle, value]) =>
    on[middle] === undefined ? [] : [[on[middle], value]],
  );
  const limits = Object.entries(nearer.on).flatMap(([own, middle]) =>
    wanted[middle] === undefined ? [] : [[own, wanted[middle]]],
  );
  const only = { ...nearer.only, ...(Object.fromEntries(limits) as Labels) };
  const values = { ...where, ...(Object.fromEntries(known) as Labels) };
  return {
    alert,
    on: Object.fromEntries(
      Object.entries(nearer.on).flatMap(([own, middle]) => {
        const theirs = on[middle];
        return theirs === undefined ? [] : [[own, theirs]];
      }),
    ),
    ...(Object.keys(only).length > 0 && { only }),
    ...(Object.keys(values).length > 0 && { where: values }),
    ...(every !== undefined && { every }),
  };
};

/**
 * Whether the farther one explains such a nearer one. Of a label that is left open nobody knows, and
 * what is not explained is told.
 */
const isMeant = ({ on, where = {} }: Part, { only = {} }: Part): boolean =>
  Object.entries(only).every(
    ([middle, value]) => where[middle] === value || Object.values(on).includes(middle),
  );

/** Whether every join of the farther one can be made from here. */
const isKept = (nearer: Part, { on }: Part): boolean =>
  Object.keys(on).every((middle) => Object.values(nearer.on).includes(middle));

const keyOf = (cause: Cause): string =>
  partsOf(cause)
    .map(({ alert, on, only = {}, where = {}, every = '' }) =>
      JSON.stringify([
        alert,
        every,
        ...[on, only, where].map((each) => Object.entries(each).sort()),
      ]),
    )
    .join(' ');

const distinct = (causes: readonly Cause[]): readonly Cause[] => [
  ...new Map(causes.map((cause) => [keyOf(cause), cause])).values(),
];

const doubles = (rules: readonly Rule[]): readonly string[] =>
  rules.map(({ name }) => name).filter((name, index, all) => all.indexOf(name) !== index);

const problemsOf = (rule: Rule, byName: ReadonlyMap<string, Rule>): readonly string[] =>
  declared(rule)
    .flatMap(partsOf)
    .flatMap((part) => partProblems(rule, part, byName.get(part.alert)));

function partProblems(
  rule: Rule,
  { alert, on, only = {}, where = {}, every }: Part,
  cause: Rule | undefined,
): readonly string[] {
  if (cause === undefined) return [`${rule.name}: no alert is named ${alert}`];
  if (rule.confirm === true && alert !== ISOLATED)
    return [`${rule.name}: wants a second look at once, so ${alert} must not explain it`];
  const theirs = Object.values(on);
  return [
    ...[...Object.keys(on), ...Object.keys(only)].flatMap((label) => missing(rule, label)),
    ...[...theirs, ...Object.keys(where)].flatMap((label) => missing(cause, label)),
    ...(every === undefined ? [] : missing(cause, every)),
    ...(every !== undefined && theirs.includes(every)
      ? [`${rule.name}: ${alert} cannot be joined on "${every}" and be wanted for every one`]
      : []),
  ];
}

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
    rules.map((rule) => [
      rule.name,
      near(rule, byName)
        .flatMap(partsOf)
        .map(({ alert }) => alert),
    ]),
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
