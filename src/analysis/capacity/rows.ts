import { CheckFailure } from '../../core/failure.ts';
import type { Row } from '../../core/ports/postgres.ts';
import { seconds, type Seconds } from '../../core/time.ts';
import { parseLsn } from '../../protocol/lsn.ts';
import type { FilesColumn, LimitsColumn, NarrowColumn, SlotColumn } from './sql.ts';

/** A number of connections against the most that there may be. */
export interface Connections {
  /** Of what: the server, or a role or database with a limit of its own. */
  readonly of: string;
  readonly used: number;
  readonly allowed: number;
}

/** What a server grants at most, and how much write-ahead log it promises to keep. */
export interface Limits {
  readonly connections: Connections;
  /** Bytes in one segment. */
  readonly segment: bigint;
  /** Whole segments that are kept for standbys without a slot. */
  readonly keep: bigint;
  /** Whole segments that a slot may hold back; undefined when there is no limit. */
  readonly slotKeep: bigint | undefined;
}

export interface Slot {
  readonly name: string;
  readonly active: boolean;
  /** In the words of `pg_replication_slots.wal_status`; undefined before 13. */
  readonly status: string | undefined;
  /** The oldest position that it holds back; undefined when it holds nothing. */
  readonly restart: bigint | undefined;
  /** Bytes from there to the server's own position. */
  readonly retained: number;
  /** Bytes that may be written before it is in danger; undefined when nothing limits it, or before 13. */
  readonly safe: bigint | undefined;
  /** Undefined while it is active, and before 17. */
  readonly inactive: Seconds | undefined;
}

/** @throws CheckFailure `protocol` when the rows are not what the query asks for. */
export function readLimits(rows: readonly Row[]): Limits {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw unexpected(`${rows.length} rows instead of one`);
  const get = columns(row);
  const segment = inBytes(get('segment'), get('segment_unit'));
  if (segment <= 0n) throw unexpected('a segment of no size');
  const keep = get('keep_unit') === 'segments' ? whole(get('keep')) : undefined;
  const slotKeep = get('slot_keep');
  return {
    connections: {
      of: 'the server',
      used: Number(whole(get('connections'))),
      allowed: Number(whole(get('max_connections')) - whole(get('reserved'))),
    },
    segment,
    keep: keep ?? inBytes(get('keep'), get('keep_unit')) / segment,
    slotKeep: slotKeep === '-1' ? undefined : inBytes(slotKeep, get('slot_keep_unit')) / segment,
  };
}

/** @throws CheckFailure `protocol` when the rows are not what the query asks for. */
export const readNarrow = (rows: readonly Row[]): readonly Connections[] =>
  rows.map((row) => {
    const get = columns(row);
    return {
      of: `the ${get('kind') ?? ''} ${get('name') ?? ''}`,
      used: Number(whole(get('connections'))),
      allowed: Number(whole(get('allowed'))),
    };
  });

/** @throws CheckFailure `protocol` when the rows are not what the query asks for. */
export const readSlots = (rows: readonly Row[]): readonly Slot[] =>
  rows.map((row) => {
    const get = columns(row);
    const [restart, here] = [lsn(get('restart_lsn')), lsn(get('here'))];
    const safe = get('safe');
    const inactive = Number(get('inactive_seconds') ?? Number.NaN);
    return {
      name: get('slot_name') ?? '',
      active: get('active') === 'true',
      status: get('status') ?? undefined,
      restart,
      retained:
        restart === undefined || here === undefined || here < restart ? 0 : Number(here - restart),
      safe: safe === null ? undefined : whole(safe),
      inactive: Number.isFinite(inactive) ? seconds(Math.max(0, inactive)) : undefined,
    };
  });

/**
 * The number of the oldest segment that a server has on its disk; undefined when it has none.
 *
 * @throws CheckFailure `protocol` when the rows are not what the query asks for.
 */
export function readOldest(rows: readonly Row[], segment: bigint): bigint | undefined {
  const [row] = rows;
  if (row === undefined) throw unexpected('no row');
  const oldest = columns(row)('oldest');
  if (oldest === null) return undefined;
  // The name of a WAL file after its timeline: the upper 32 bits, and the segment within these 4 GiB.
  const [, upper = '', lower = ''] = /^([0-9A-F]{8})([0-9A-F]{8})$/i.exec(oldest) ?? [];
  if (lower === '') throw unexpected('a text that is no WAL file name');
  return BigInt(`0x${upper}`) * (0x1_0000_0000n / segment) + BigInt(`0x${lower}`);
}

type Column = LimitsColumn | NarrowColumn | SlotColumn | FilesColumn;

const columns =
  (row: Row) =>
  (name: Column): string | null => {
    const value = row[name];
    if (value === undefined) throw unexpected(`no column ${name}`);
    return value;
  };

function whole(text: string | null): bigint {
  if (text === null || !/^-?\d{1,19}$/.test(text)) throw unexpected('a text that is no number');
  return BigInt(text);
}

const UNITS: Readonly<Record<string, bigint>> = {
  B: 1n,
  kB: 1n << 10n,
  MB: 1n << 20n,
  GB: 1n << 30n,
  TB: 1n << 40n,
};

/** A setting in its unit, which may itself be a number of units: `8kB` are blocks. */
function inBytes(setting: string | null, unit: string | null): bigint {
  const [, count = '', name = ''] = /^(\d{0,6})([kMGT]?B)$/.exec(unit ?? '') ?? [];
  const size = UNITS[name];
  if (size === undefined) throw unexpected('a unit that is none');
  return whole(setting) * size * BigInt(count === '' ? 1 : count);
}

function lsn(text: string | null): bigint | undefined {
  const position = text === null ? 0n : parseLsn(text);
  return position === 0n ? undefined : position;
}

const unexpected = (what: string): CheckFailure =>
  new CheckFailure('protocol', `the server answered the query with ${what}`);
