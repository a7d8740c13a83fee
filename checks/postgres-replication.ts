import {
  defineCheck,
  gap,
  remember,
  skip,
  type CheckContext,
  type Note,
} from '../src/core/check.ts';
import { isSilence, toFailure } from '../src/core/failure.ts';
import {
  CONNECT,
  isPrimary,
  placeOf,
  position,
  sendersOf,
  snapshot,
  type Door,
  type Seen,
  type Senders,
  type Server,
} from '../src/analysis/replication/ask.ts';
import { compare, type StandbyPicture } from '../src/analysis/replication/compare.ts';
import { describeDelay } from '../src/analysis/replication/delay.ts';
import { recordWal, type WalHistory } from '../src/analysis/replication/lag.ts';
import { noted, recall, type Known, type Memory } from '../src/analysis/replication/memory.ts';
import * as says from '../src/analysis/replication/notes.ts';
import { replicationRules } from '../src/analysis/replication/rules.ts';
import { observe } from '../src/core/metric.ts';
import type { Node, Region } from '../src/core/region.ts';
import { between, seconds, type Instant, type Seconds } from '../src/core/time.ts';

/** How often "can one still connect?" is asked with a new connection. */
const CONNECT_EVERY = seconds(300);

/** Three intervals without a look at the primary: what was seen of it says nothing any more. */
const STALE_AFTER = seconds(30);

/** A one-off run looks twice when a standby is late, this far apart, if the first look was quick. */
const SECOND_LOOK_AFTER = seconds(1);
const QUICK = seconds(1.5);

type Context = CheckContext<Memory>;

async function open(node: Node, server: Server, context: Context, known: Known): Promise<Door> {
  const { io, clock } = context;
  const at = placeOf(node, server);
  const last = known.connects[node.name];
  const age = last === undefined ? CONNECT_EVERY : between(last.at, clock.steady());
  // A moment to come is one of another clock.
  const fresh = age >= CONNECT_EVERY || age < 0;
  try {
    return { node, session: await io.postgres.open(at, { ...CONNECT, fresh }) };
  } catch (thrown) {
    const failure = toFailure(thrown);
    if (!fresh || last === undefined || isSilence(failure)) return { node, failure };
    // Nobody new is let in; whoever is in may still see how the database does.
    return io.postgres.open(at, CONNECT).then(
      (session) => ({ node, session, noneNew: failure }),
      () => ({ node, failure }),
    );
  }
}

/** Everything that one look at all nodes shows. */
interface Look {
  readonly seen: readonly Seen[];
  readonly senders: Senders;
  readonly standbys: readonly StandbyPicture[];
  readonly history: WalHistory | undefined;
}

async function look(doors: readonly Door[], context: Context, before?: WalHistory): Promise<Look> {
  const first = await Promise.all(doors.map(snapshot));
  const readAt = context.clock.steady();
  const [primary, second] = first.filter(({ view }) => isPrimary(view));
  const split = second !== undefined;
  const [senders, ...seen] = await Promise.all([
    sendersOf(split ? undefined : primary),
    ...first.map(position),
  ]);
  const leading = primary !== undefined && isPrimary(primary.view) ? primary.view : undefined;
  const history =
    split || leading === undefined
      ? before
      : recordWal(before, { at: readAt, lsn: leading.flushed, timeline: leading.timeline });
  const now = context.clock.steady();
  const nodes = doors.map(({ node }) => node);
  const sides = { nodes, primary: leading, senders: senders.list, history, now };
  const standbys = split
    ? []
    : seen
        .filter(({ view }) => !isPrimary(view))
        .map(({ view }) => compare(view, { ...sides, staleAfter: STALE_AFTER }));
  return { seen, senders, standbys, history };
}

const pause = ({ clock, signal }: Context, delay: Seconds): Promise<void> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(delay, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    const stop = (): void => {
      cancel();
      reject(toFailure(signal.reason));
    };
    signal.addEventListener('abort', stop, { once: true });
  });

/** One look; in a one-off run a second one when a standby is late, to learn whether it catches up. */
async function lookLong(doors: readonly Door[], context: Context, known: Known, began: Instant) {
  const first = await look(doors, context, known.history);
  const late = first.standbys.some(({ lag }) => lag?.exact === false);
  const quick = between(began, context.clock.steady()) <= QUICK;
  if (!context.once || !late || !quick) return first;
  await pause(context, SECOND_LOOK_AFTER);
  return look(doors, context, first.history);
}

/** The newest new connection of each node that still serves: from this run, or remembered. */
function connectsOf(look: Look, { connects }: Known, now: Instant): Known['connects'] {
  const entries = look.seen.flatMap(({ view: { node }, session }) => {
    const took = session?.connected;
    const newest = took === undefined ? connects[node.name] : { at: now, took };
    return session === undefined || newest === undefined ? [] : [[node.name, newest] as const];
  });
  return Object.fromEntries(entries);
}

function describe(region: Region, seen: Look, doors: readonly Door[], once: boolean): Note[] {
  const views = seen.seen.map(({ view }) => view);
  const { failure } = seen.senders;
  const leader = views.find(isPrimary);
  return [
    ...says.describeRegion(region.name, views, seen.standbys),
    ...seen.seen.flatMap(({ view, failure: why }) => says.describeNode(view, why)),
    ...seen.standbys.flatMap((standby) => says.describeStandby(standby, once)),
    ...(failure === undefined ? [] : [gap(leader?.node.name ?? region.name, failure)]),
    ...doors.flatMap(({ node, noneNew }) =>
      noneNew === undefined ? [] : [gap(node.name, noneNew)],
    ),
    ...describeDelay(views, seen.standbys),
  ];
}

export default defineCheck<Memory>({
  name: 'postgres-replication',
  about: 'Finds the primary and its standbys, and how far each standby is behind.',
  every: '10s',
  timeout: seconds(5),
  absence: ({ postgres }) =>
    postgres === undefined ? 'no PostgreSQL is configured (section `postgres`)' : undefined,
  metrics: says.replicationMetrics,
  rules: replicationRules,
  async run(region, context) {
    const server = region.postgres;
    if (server === undefined) {
      return [skip('postgres', 'config', 'the configuration has no section `postgres`')];
    }
    const began = context.clock.steady();
    const known = recall(context.memory);
    const doors = await Promise.all(region.nodes.map((node) => open(node, server, context, known)));
    const seen = await lookLong(doors, context, known, began);
    const connects = connectsOf(seen, known, began);
    return [
      ...describe(region, seen, doors, context.once),
      ...Object.entries(connects).map(([node, { took }]) =>
        observe(says.connectSeconds, took, { node }),
      ),
      remember(noted({ connects, history: seen.history })),
    ];
  },
});
