import {
  defineCheck,
  gap,
  remember,
  skip,
  type CheckContext,
  type Note,
} from '../src/core/check.ts';
import { toFailure } from '../src/core/failure.ts';
import type { Node, Region } from '../src/core/region.ts';
import { seconds } from '../src/core/time.ts';
import { ageOf, recall, since, type Drift } from '../src/analysis/declared/memory.ts';
import { declaredMetrics } from '../src/analysis/declared/metrics.ts';
import {
  describeDrift,
  describeKnown,
  describeNoPrimary,
  describeUnknown,
} from '../src/analysis/declared/notes.ts';
import { declaredRules } from '../src/analysis/declared/rules.ts';
import { declaredOf, type Declared } from '../src/analysis/declared/source.ts';
import {
  CONNECT,
  isPrimary,
  placeOf,
  snapshot,
  type Seen,
  type Server,
} from '../src/analysis/replication/ask.ts';
import { countPrimaries } from '../src/analysis/replication/compare.ts';

/** Both ways of being declared are absent, or there is no primary to hold it against. */
const absence = ({ postgres, declaredPrimary, declaredIn }: Region): string | undefined => {
  if (declaredPrimary === undefined && declaredIn === undefined)
    return 'no primary is declared (`declared_primary` or `declared_in`)';
  return postgres === undefined ? 'no PostgreSQL is configured (section `postgres`)' : undefined;
};

/** What each node is; on the connection that the service keeps, this costs one question. */
const rolesOf = (region: Region, server: Server, { io }: CheckContext): Promise<readonly Seen[]> =>
  Promise.all(
    region.nodes.map(async (node) =>
      snapshot(
        await io.postgres.open(placeOf(node, server), CONNECT).then(
          (session) => ({ node, session }),
          (thrown: unknown) => ({ node, failure: toFailure(thrown) }),
        ),
      ),
    ),
  );

/** What is declared against the one primary that there is, if there is one. */
function compare(
  region: Region,
  declared: Declared,
  roles: readonly Seen[],
  { clock, memory }: CheckContext<Drift>,
): readonly Note[] {
  const { found } = declared;
  const before = recall(memory);
  const primary = onlyPrimary(roles);
  if (found.is !== 'node')
    return [...describeUnknown(region, declared, primary), remember(before ?? {})];
  const common = describeKnown(region, found.node, primary);
  if (primary === undefined) return [...common, ...whyNone(roles), remember(before ?? {})];
  const now = clock.steady();
  const seen = { declared: found.node.name, primary: primary.name };
  const drift = seen.declared === seen.primary ? undefined : since(before, seen, now);
  const drifting = drift && ageOf(drift, now);
  return [
    ...describeDrift(region, declared, { declared: found.node, primary, drifting }),
    ...common,
    remember(drift ?? {}),
  ];
}

/** The one that is; with a node that could not be judged nobody knows whether there is another. */
const onlyPrimary = (roles: readonly Seen[]): Node | undefined => {
  const views = roles.map(({ view }) => view);
  return countPrimaries(views) === 1 ? views.find(isPrimary)?.node : undefined;
};

function whyNone(roles: readonly Seen[]): readonly Note[] {
  const blind = roles.flatMap(({ view, failure }) =>
    view.is === 'unknown' && failure !== undefined ? [gap(view.node.name, failure)] : [],
  );
  if (blind.length > 0) return blind;
  return [describeNoPrimary(roles.filter(({ view }) => isPrimary(view)).length)];
}

export default defineCheck<Drift>({
  name: 'declared-primary',
  about: 'Is the node that configuration management declares to be the primary the one that is?',
  every: '30s',
  timeout: seconds(5),
  absence,
  metrics: declaredMetrics,
  rules: declaredRules,
  async run(region, context) {
    const { postgres } = region;
    const reason = absence(region);
    if (postgres === undefined || reason !== undefined)
      return [skip('declared', 'config', reason ?? '')];
    const [declared, roles] = await Promise.all([
      declaredOf(region, context.io.facts),
      rolesOf(region, postgres, context),
    ]);
    return compare(region, declared, roles, context);
  },
});
