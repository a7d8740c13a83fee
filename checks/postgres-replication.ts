import { z } from 'zod';
import {
  defineCheck,
  gap,
  remember,
  skip,
  type CheckContext,
  type Note,
} from '../src/core/check.ts';
import { isSilence, toFailure, type CheckFailure } from '../src/core/failure.ts';
import { recordWal, type WalHistory } from '../src/analysis/replication/lag.ts';
import { observe } from '../src/core/metric.ts';
import type { PostgresSession } from '../src/core/ports/postgres.ts';
import type { Node, Region } from '../src/core/region.ts';
import * as says from '../src/analysis/replication/notes.ts';
import { replicationRules } from '../src/analysis/replication/rules.ts';
import {
  compare,
  type NodeView,
  type PrimaryView,
  type Sender,
  type StandbyPicture,
} from '../src/analysis/replication/compare.ts';
import { between, instant, seconds, type Instant, type Seconds } from '../src/core/time.ts';
import { formatLsn, parseLsn } from '../src/protocol/lsn.ts';
import { readSenders, readSnapshot, readStandby } from '../src/analysis/replication/rows.ts';
import { replicationSql } from '../src/analysis/replication/sql.ts';

/** One silent server costs its own stages only: together they stay below the check's own limit. */
const CONNECT = { timeout: seconds(1.8) };
const QUERY = { timeout: seconds(1.2) };

/** How often "can one still connect?" is asked with a new connection. */
const CONNECT_EVERY = seconds(300);

/** Three intervals without a look at the primary: what was seen of it says nothing any more. */
const STALE_AFTER = seconds(30);

/** A one-off run looks twice when a standby is late, this far apart, if the first look was quick. */
const SECOND_LOOK_AFTER = seconds(1);
const QUICK = seconds(1.5);

const timeOf = z.number().transform(instant);
/** Checked first, because a transformation that throws is no answer that the parser could refuse. */
const lsnOf = z
  .string()
  .regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i)
  .transform(parseLsn);

/** What a run leaves to the next one, as it survives being written down. */
const memory = z.object({
  connects: z.record(z.string(), z.object({ at: timeOf, took: z.number() })),
  history: z
    .object({
      timeline: z.number(),
      readAt: timeOf,
      samples: z.array(z.object({ at: timeOf, lsn: lsnOf })),
    })
    .optional(),
});

type Memory = z.input<typeof memory>;
interface Known {
  readonly connects: Readonly<Record<string, { readonly at: Instant; readonly took: number }>>;
  readonly history?: WalHistory | undefined;
}
type Context = CheckContext<Memory>;

const noted = ({ connects, history }: Known): Memory => ({
  connects,
  history: history && {
    ...history,
    samples: history.samples.map(({ at, lsn }) => ({ at, lsn: formatLsn(lsn) })),
  },
});

/** A node with an open session, or why there is none. */
interface Door {
  readonly node: Node;
  readonly session?: PostgresSession;
  readonly failure?: CheckFailure;
  /** Why no new connection could be made, while an old one still works. */
  readonly noneNew?: CheckFailure;
}

type Server = NonNullable<Region['postgres']>;

async function open(node: Node, server: Server, context: Context, known: Known): Promise<Door> {
  const { io, clock } = context;
  const at = { ...server, host: node.address, port: node.postgresPort ?? server.port };
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

interface Seen {
  readonly view: NodeView;
  readonly session?: PostgresSession;
  readonly failure?: CheckFailure;
}

/** Out of connections says nothing about the role; the other states of `dependency` serve nobody. */
const isDown = (failure: CheckFailure): boolean =>
  isSilence(failure) ||
  (failure.code === 'dependency' && String(failure.facts['sqlstate']).startsWith('57'));

const unseen = (node: Node, failure: CheckFailure): Seen => ({
  view: { node, is: isDown(failure) ? 'down' : 'unknown' },
  failure,
});

async function snapshot({ node, session, failure }: Door): Promise<Seen> {
  if (session === undefined) {
    return failure === undefined ? { view: { node, is: 'unknown' } } : unseen(node, failure);
  }
  try {
    const sql = replicationSql(session.version);
    const said = readSnapshot(await session.query(sql.snapshot, QUERY));
    if (!said.recovering) return { session, view: { node, is: 'primary', ...said } };
    const { timeline, system } = said;
    return { session, view: { node, is: 'standby', timeline, system, state: undefined } };
  } catch (thrown) {
    return unseen(node, toFailure(thrown));
  }
}

/** Where a standby stands, asked after the primary was: then a race can only under-state its lag. */
async function position(seen: Seen): Promise<Seen> {
  const { view, session } = seen;
  if (view.is !== 'standby' || session === undefined) return seen;
  try {
    const sql = replicationSql(session.version);
    const state = readStandby(await session.query(sql.standby, QUERY));
    const received = state.receiver.is === 'present' ? state.receiver.timeline : undefined;
    return { ...seen, view: { ...view, state, timeline: received ?? view.timeline } };
  } catch (thrown) {
    return { ...seen, failure: toFailure(thrown) };
  }
}

interface Senders {
  readonly list?: readonly Sender[];
  readonly failure?: CheckFailure;
}

async function sendersOf(primary: Seen | undefined): Promise<Senders> {
  if (primary?.session === undefined) return {};
  try {
    const sql = replicationSql(primary.session.version);
    const list = readSenders(await primary.session.query(sql.senders, QUERY));
    const blind = list.some(({ state }) => state === undefined);
    return blind ? { list, failure: says.hidden('pg_stat_replication') } : { list };
  } catch (thrown) {
    return { failure: toFailure(thrown) };
  }
}

/** Everything that one look at all nodes shows. */
interface Look {
  readonly seen: readonly Seen[];
  readonly senders: Senders;
  readonly standbys: readonly StandbyPicture[];
  readonly history: WalHistory | undefined;
}

const isPrimary = (view: NodeView): view is PrimaryView => view.is === 'primary';

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
    const known = memory.safeParse(context.memory).data ?? { connects: {} };
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
