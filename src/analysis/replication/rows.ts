import { CheckFailure } from '../../core/failure.ts';
import type { Row } from '../../core/ports/postgres.ts';
import { seconds, type Seconds } from '../../core/time.ts';
import type { Receiver, Sender, StandbyState } from './compare.ts';
import { parseLsn, walFileTimeline } from '../../protocol/lsn.ts';
import type { SenderColumn, SnapshotColumn, StandbyColumn } from './sql.ts';

/** What a server says of itself; of a standby only who it is, for where it stands is asked later. */
export type Snapshot =
  | {
      readonly recovering: false;
      readonly flushed: bigint;
      readonly timeline: number;
      readonly system?: string;
    }
  | { readonly recovering: true; readonly timeline?: number; readonly system?: string };

/** @throws CheckFailure `protocol` when the rows are not what the query asks for. */
export function readSnapshot(rows: readonly Row[]): Snapshot {
  const get = columns(only(rows));
  const system = get('system_identifier');
  const identity = system === null ? {} : { system };
  if (asBoolean(get('in_recovery'))) {
    const timeline = asTimeline(get('control_timeline'));
    return { recovering: true, ...identity, ...(timeline !== undefined && { timeline }) };
  }
  return {
    recovering: false,
    flushed: parseLsn(get('flush_lsn') ?? ''),
    timeline: walFileTimeline(get('wal_file') ?? ''),
    ...identity,
  };
}

/** @throws CheckFailure `protocol` when the rows are not what the query asks for. */
export const readSenders = (rows: readonly Row[]): readonly Sender[] =>
  rows.map((row) => {
    const get = columns(row);
    const [sent, flushed, replayed] = (['sent_lsn', 'flush_lsn', 'replay_lsn'] as const).map(
      (name) => asLsn(get(name)),
    );
    return {
      name: get('application_name') ?? '',
      address: get('address') ?? '',
      state: get('state') ?? undefined,
      primaryFlushed: parseLsn(get('primary_flush_lsn') ?? ''),
      sent,
      flushed,
      replayed,
    };
  });

/** @throws CheckFailure `protocol` when the rows are not what the query asks for. */
export function readStandby(rows: readonly Row[]): StandbyState {
  const get = columns(only(rows));
  const received = asLsn(get('receive_lsn'));
  const replayed = asLsn(get('replay_lsn'));
  return {
    replayed,
    // After a restart the receiver begins at a segment's start: what is replayed is on disk all the same.
    flushed:
      received !== undefined && replayed !== undefined && replayed > received ? replayed : received,
    paused: asBoolean(get('replay_paused')),
    pauseState: get('pause_state') ?? undefined,
    delay: asDelay(get('apply_delay_ms')),
    slot: get('slot_name') ?? undefined,
    receiver: asReceiver(
      get('receiver_pid'),
      get('receiver_status'),
      get('received_timeline'),
      get('silent_seconds'),
    ),
  };
}

/** Without pg_monitor the row shows its process id and nothing else. */
function asReceiver(
  pid: string | null,
  status: string | null,
  timeline: string | null,
  silent: string | null,
): Receiver {
  if (pid === null) return { is: 'absent' };
  if (status === null) return { is: 'hidden' };
  const age = silent === null ? Number.NaN : Number(silent);
  return {
    is: 'present',
    status,
    timeline: asTimeline(timeline),
    // The server's clock may have been set back since the message: that is no age.
    silent: Number.isFinite(age) ? seconds(Math.max(0, age)) : undefined,
  };
}

function only(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw unexpected(`${rows.length} rows instead of one`);
  return row;
}

/** Reads a row's columns by name; one that is not there at all is a broken answer, not a NULL. */
const columns =
  (row: Row) =>
  (name: SnapshotColumn | SenderColumn | StandbyColumn): string | null => {
    const value = row[name];
    if (value === undefined) throw unexpected(`no column ${name}`);
    return value;
  };

/** A sender that only starts carries 0/0, which is no position. */
function asLsn(text: string | null): bigint | undefined {
  const lsn = text === null ? 0n : parseLsn(text);
  return lsn === 0n ? undefined : lsn;
}

function asBoolean(text: string | null): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw unexpected('a text that is no boolean');
}

function asTimeline(text: string | null): number | undefined {
  if (text === null) return undefined;
  const timeline = Number(text);
  if (!Number.isInteger(timeline)) throw unexpected('a text that is no timeline');
  return timeline === 0 ? undefined : timeline;
}

/** Undefined where the server cannot tell: before 12. */
function asDelay(milliseconds: string | null): Seconds | undefined {
  if (milliseconds === null) return undefined;
  if (!/^\d{1,12}$/.test(milliseconds)) throw unexpected('a text that is no delay');
  return seconds(Number(milliseconds) / 1000);
}

const unexpected = (what: string): CheckFailure =>
  new CheckFailure('protocol', `the server answered the query with ${what}`);
