import { toFailure, type CheckFailure } from '../../core/failure.ts';
import type { PostgresSession } from '../../core/ports/postgres.ts';
import { QUERY, type Seen } from '../replication/ask.ts';
import {
  readLimits,
  readNarrow,
  readOldest,
  readSlots,
  type Connections,
  type Limits,
  type Slot,
} from './rows.ts';
import { capacitySql } from './sql.ts';

/** What one server may run out of; what it did not tell is undefined, and why is a failure. */
export interface Stock {
  readonly limits?: Limits;
  readonly narrow?: readonly Connections[];
  /** Empty before 9.4, which has none. */
  readonly slots?: readonly Slot[];
  readonly failure?: CheckFailure;
}

/** Never rejects; what comes after a question that failed is not asked. */
export async function takeStock({ session }: Seen): Promise<Stock> {
  if (session === undefined) return {};
  let stock: Stock = {};
  try {
    const sql = capacitySql(session.version);
    stock = { limits: readLimits(await session.query(sql.limits, QUERY)) };
    stock = { ...stock, narrow: readNarrow(await session.query(sql.narrow, QUERY)) };
    const rows = sql.slots === undefined ? [] : await session.query(sql.slots, QUERY);
    return { ...stock, slots: readSlots(rows) };
  } catch (thrown) {
    return { ...stock, failure: toFailure(thrown) };
  }
}

/** The oldest segment on a primary's disk: proof of what can still be had. */
export interface Oldest {
  readonly number?: bigint | undefined;
  /** Why it cannot be seen. */
  readonly failure?: CheckFailure;
  /** Why nobody but a superuser could see it. */
  readonly never?: string;
}

/** Never rejects. */
export async function oldestOf(session: PostgresSession, segment: bigint): Promise<Oldest> {
  try {
    const { files } = capacitySql(session.version);
    if (files === undefined) return { never: 'before PostgreSQL 10 only a superuser may look' };
    return { number: readOldest(await session.query(files, QUERY), segment) };
  } catch (thrown) {
    return { failure: toFailure(thrown) };
  }
}
