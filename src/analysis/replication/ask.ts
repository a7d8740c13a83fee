import { isSilence, toFailure, type CheckFailure } from '../../core/failure.ts';
import type { PostgresSession } from '../../core/ports/postgres.ts';
import type { Node, Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import type { NodeView, PrimaryView, Sender } from './compare.ts';
import * as says from './notes.ts';
import { readSenders, readSnapshot, readStandby } from './rows.ts';
import { replicationSql } from './sql.ts';

/** One silent server costs its own stages only: together they stay below a check's own limit. */
export const CONNECT = { timeout: seconds(1.8) };
export const QUERY = { timeout: seconds(1.2) };

export type Server = NonNullable<Region['postgres']>;

/** Where a node's own PostgreSQL listens, and who asks. */
export const placeOf = (node: Node, server: Server) => ({
  ...server,
  host: node.address,
  port: node.postgresPort ?? server.port,
});

/** A node with an open session, or why there is none. */
export interface Door {
  readonly node: Node;
  readonly session?: PostgresSession;
  readonly failure?: CheckFailure;
  /** Why no new connection could be made, while an old one still works. */
  readonly noneNew?: CheckFailure;
}

/** What a node said, with the session for further questions. */
export interface Seen {
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

/** Who a server is: a primary with its position, or a standby. Never rejects. */
export async function snapshot({ node, session, failure }: Door): Promise<Seen> {
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
export async function position(seen: Seen): Promise<Seen> {
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

/** Whom a primary feeds; `failure` is why it did not tell, or not all. */
export interface Senders {
  readonly list?: readonly Sender[];
  readonly failure?: CheckFailure;
}

/** Never rejects. */
export async function sendersOf(primary: Seen | undefined): Promise<Senders> {
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

export const isPrimary = (view: NodeView): view is PrimaryView => view.is === 'primary';
