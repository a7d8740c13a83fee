import {
  defineCheck,
  evidence,
  gap,
  remember,
  skip,
  type CheckContext,
  type Note,
} from '../src/core/check.ts';
import { oldestOf, takeStock, type Oldest, type Stock } from '../src/analysis/capacity/ask.ts';
import { describeConnections, describeFull } from '../src/analysis/capacity/connections.ts';
import { describeFeed, remembered, type Fed } from '../src/analysis/capacity/feed.ts';
import { noted, recall, type Known, type Memory } from '../src/analysis/capacity/memory.ts';
import { capacityMetrics } from '../src/analysis/capacity/metrics.ts';
import { capacityRules } from '../src/analysis/capacity/rules.ts';
import { describeSlots, idleSince } from '../src/analysis/capacity/slots.ts';
import {
  CONNECT,
  isPrimary,
  placeOf,
  position,
  sendersOf,
  snapshot,
  type Door,
  type Seen,
  type Server,
} from '../src/analysis/replication/ask.ts';
import { compare } from '../src/analysis/replication/compare.ts';
import { isFull } from '../src/analysis/replication/notes.ts';
import { CheckFailure, toFailure } from '../src/core/failure.ts';
import type { Node, Region } from '../src/core/region.ts';
import { seconds, type Instant } from '../src/core/time.ts';

type Context = CheckContext<Memory>;

/** A node with what it may run out of. */
interface Store extends Seen {
  readonly stock: Stock;
}

async function lookAt(node: Node, server: Server, { io }: Context): Promise<Store> {
  const door = await io.postgres.open(placeOf(node, server), CONNECT).then(
    (session): Door => ({ node, session }),
    (thrown: unknown): Door => ({ node, failure: toFailure(thrown) }),
  );
  const seen = await snapshot(door);
  const answers = seen.view.is === 'primary' || seen.view.is === 'standby';
  return { ...seen, stock: answers ? await takeStock(seen) : {} };
}

/** What one node has left of connections, and what its slots keep. */
function describeStore({ view, failure, stock }: Store, known: Known, now: Instant) {
  const node = view.node.name;
  const idle = stock.slots && idleSince(stock.slots, known.idle[node] ?? {}, now);
  const notes: readonly Note[] = [
    ...describeFailure(node, view.is, failure),
    ...(stock.limits === undefined
      ? []
      : describeConnections(node, stock.limits.connections, stock.narrow ?? [])),
    ...(stock.slots === undefined || idle === undefined
      ? []
      : describeSlots(node, stock.slots, idle, now)),
    ...(stock.failure === undefined ? [] : [gap(node, stock.failure)]),
  ];
  return { notes, idle: [node, idle ?? known.idle[node] ?? {}] as const };
}

/** That it does not serve is told elsewhere; here it means that nothing is known of what it runs out of. */
function describeFailure(node: string, is: string, failure?: CheckFailure): readonly Note[] {
  if (failure === undefined) return [];
  if (isFull(failure)) return describeFull(node, failure);
  return [
    ...(is === 'down' ? [evidence(node, `does not serve: ${failure.message}`)] : []),
    gap(node, failure),
  ];
}

/** Whether each standby can still have what it needs: of one primary, and of no more than that. */
async function describeStandbys(
  region: Region,
  stores: readonly Store[],
  known: Known,
  now: Instant,
) {
  const [primary, second] = stores.filter(({ view }) => isPrimary(view));
  const leading = primary?.view;
  if (
    primary === undefined ||
    second !== undefined ||
    leading === undefined ||
    !isPrimary(leading)
  ) {
    const why =
      second === undefined ? 'no node says that it is the primary' : 'two nodes are primaries';
    const failure = new CheckFailure(
      'dependency',
      `how much WAL standbys may miss is unknown: ${why}`,
    );
    return { notes: [gap(region.name, failure)], known };
  }
  const others = stores.filter((store) => store !== primary);
  const [senders, ...seen] = await Promise.all([sendersOf(primary), ...others.map(position)]);
  const sides = { nodes: region.nodes, primary: leading, senders: senders.list };
  const apart = { history: undefined, now, staleAfter: seconds(0) };
  const standbys = seen.map(({ view }) => ({
    view,
    picture: compare(view, { ...sides, ...apart }),
  }));
  const gaps = [
    ...(senders.failure === undefined ? [] : [gap(leading.node.name, senders.failure)]),
    ...seen.flatMap(({ view, failure }) =>
      failure === undefined || view.is !== 'standby' ? [] : [gap(view.node.name, failure)],
    ),
  ];
  const after = remembered(known, { primary: leading, standbys, now });
  const { limits, slots } = primary.stock;
  if (limits === undefined || slots === undefined)
    return { notes: gaps, known: { ...known, ...after } };
  const oldest = await findOldest(primary, standbys, limits.segment);
  const feed = { primary: leading, standbys, limits, slots, oldest, now };
  return { notes: [...describeFeed(feed, after), ...gaps], known: { ...known, ...after } };
}

/** Files are listed only where it matters: as long as a standby is connected it has what it needs. */
const findOldest = async (
  { session }: Seen,
  standbys: readonly Fed[],
  segment: bigint,
): Promise<Oldest> =>
  session === undefined || standbys.every(({ picture }) => picture.connected === true)
    ? {}
    : oldestOf(session, segment);

export default defineCheck<Memory>({
  name: 'postgres-capacity',
  about: 'Finds what PostgreSQL runs out of: WAL that standbys need, room for slots, connections.',
  // Between the runs of postgres-replication, with which it shares the one connection that is kept.
  every: '5,35 * * * * *',
  timeout: seconds(10),
  absence: ({ postgres }) =>
    postgres === undefined ? 'no PostgreSQL is configured (section `postgres`)' : undefined,
  metrics: capacityMetrics,
  rules: capacityRules,
  async run(region, context) {
    const server = region.postgres;
    if (server === undefined) {
      return [skip('postgres', 'config', 'the configuration has no section `postgres`')];
    }
    const before = recall(context.memory);
    const stores = await Promise.all(region.nodes.map((node) => lookAt(node, server, context)));
    const now = context.clock.steady();
    const described = stores.map((store) => describeStore(store, before, now));
    const { notes, known } = await describeStandbys(region, stores, before, now);
    const idle = Object.fromEntries(described.map((each) => each.idle));
    return [
      ...notes,
      ...described.flatMap((each) => each.notes),
      remember(noted({ ...known, idle })),
    ];
  },
});
