import type { Answer, Resolver, Which } from './answers.ts';
import { lookUp, withFirst } from './lookup.ts';
import * as metrics from './metrics.ts';
import { doesNotApply, evidence, gap, skip, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe, observeState } from '../../core/metric.ts';
import { formatDuration } from '../../core/time.ts';

type Told = Answer | CheckFailure | undefined;

const isKnown = (told: Told): told is Answer =>
  told !== undefined && !(told instanceof CheckFailure);

/** All that one look at all resolvers says. */
export function notesOnResolvers(asked: readonly Resolver[]): readonly Note[] {
  const { resolvers, notes } = withoutUntold(asked);
  return [
    ...notes,
    ...resolvers.flatMap((each) => [
      ...answerNotes(each, 'inside'),
      ...answerNotes(each, 'outside'),
      ...worksNotes(each),
    ]),
    ...(['inside', 'outside'] as const).flatMap((which) => lookupNotes(resolvers, which)),
    ...disagreement(resolvers),
  ];
}

/**
 * The resolvers without what they say of the name outside where that tells nothing of them: all refuse
 * to resolve for the monitor, or all say that there is no such name.
 */
function withoutUntold(asked: readonly Resolver[]): {
  readonly resolvers: readonly Resolver[];
  readonly notes: readonly Note[];
} {
  const all = (state: Answer['state']): boolean =>
    asked.every(({ outside }) => isKnown(outside) && outside.state === state);
  const bare = asked.map(({ name, inside }): Resolver => ({ name, inside }));
  if (asked.some(({ outside }) => outside === undefined))
    return { resolvers: bare, notes: [skip('outside', 'config', NO_NAME), ...UNASKED] };
  if (all('refuses')) return { resolvers: bare, notes: [skip('outside', 'no_privilege', REFUSED)] };
  if (all('denies')) return { resolvers: bare, notes: [gap('outside', DENIED)] };
  return { resolvers: asked, notes: [] };
}

const UNASKED = [metrics.resolving, metrics.wait].map((metric) =>
  doesNotApply<string>(metric, { name: 'outside' }),
);
const NO_NAME = 'no name outside of MAAS is configured (`dns.outside_name`)';
const REFUSED =
  'no slave DNS resolves names outside of MAAS for the monitor: allow recursion for its address';
const DENIED = new CheckFailure(
  'config',
  '`dns.outside_name` does not exist, say all slave DNS servers',
);

function answerNotes(resolver: Resolver, which: Which): readonly Note[] {
  const told = resolver[which];
  if (told === undefined) return [];
  if (told instanceof CheckFailure) return [gap(`${resolver.name} ${which}`, told)];
  const at = { server: resolver.name, name: which };
  return [
    ...observeState(metrics.state, told.state, at),
    ...(told.took === undefined || told.state === 'closed'
      ? []
      : [observe(metrics.answerTime, told.took, at)]),
    evidence(resolver.name, told.says),
  ];
}

/** One failure of several is known to be one; only all that is well is known to be well. */
function worksNotes({ name, inside, outside }: Resolver): readonly Note[] {
  const told = outside === undefined ? [inside] : [inside, outside];
  if (told.some((each) => isKnown(each) && each.state !== 'answers'))
    return [observe(metrics.works, 0, { server: name })];
  return told.every(isKnown) ? [observe(metrics.works, 1, { server: name })] : [];
}

/** How many give the name, and what a machine waits for it, whichever of them it asks first. */
function lookupNotes(resolvers: readonly Resolver[], which: Which): readonly Note[] {
  const known = resolvers.flatMap(({ name, [which]: told }) =>
    isKnown(told) ? [{ name, told }] : [],
  );
  if (known.length === 0 || known.length < resolvers.length) return [];
  const giving = known.filter(({ told }) => told.state === 'answers');
  return [
    observe(metrics.resolving, giving.length, { name: which }),
    ...known.flatMap((first): readonly Note[] => {
      const order = withFirst(known, first);
      const { waits, isAnswered } = lookUp(order.map(({ told }) => told));
      const outcome = isAnswered ? 'has its answer after' : 'gives up after';
      const says = `with ${first.name} first, a machine that looks up a name ${which} of MAAS ${outcome} ${formatDuration(waits)}`;
      return [
        observe(metrics.wait, waits, { server: first.name, name: which }),
        evidence('machines', says),
      ];
    }),
  ];
}

function disagreement(resolvers: readonly Resolver[]): readonly Note[] {
  if (resolvers.length < 2) return [doesNotApply(metrics.disagree, {})];
  if (!resolvers.every(({ inside }) => isKnown(inside))) return [];
  const given = resolvers.flatMap(({ inside }) =>
    isKnown(inside) && inside.addresses !== undefined ? [inside.addresses.join(', ')] : [],
  );
  return [observe(metrics.disagree, new Set(given).size > 1, {})];
}
