import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { PostgresPort, Row } from '../../src/core/ports/postgres.ts';
import { seconds } from '../../src/core/time.ts';
import { replicationSql } from '../../src/analysis/replication/sql.ts';

export const VERSION = 150_018;
const SYSTEM = '7312345678901234567';

/** The answers of one server to the three questions, or why it gives none. */
export interface Server {
  readonly snapshot?: Row;
  readonly senders?: readonly Row[];
  readonly standby?: Row;
  readonly refuses?: CheckFailure;
  /** Only new connections are refused. */
  readonly refusesNew?: CheckFailure;
}

export const primary = (changes: Row = {}, senders: readonly Row[] = [sender()]): Server => ({
  snapshot: {
    in_recovery: 'false',
    flush_lsn: '0/35009E0',
    wal_file: '000000010000000000000003',
    control_timeline: null,
    system_identifier: SYSTEM,
    ...changes,
  },
  senders,
});

export const sender = (changes: Row = {}): Row => ({
  application_name: 'walreceiver',
  address: '172.31.16.33',
  state: 'streaming',
  sent_lsn: '0/35009E0',
  flush_lsn: '0/35009E0',
  replay_lsn: '0/35009E0',
  primary_flush_lsn: '0/35009E0',
  ...changes,
});

export const standby = (changes: Row = {}, snapshot: Row = {}): Server => ({
  snapshot: {
    in_recovery: 'true',
    flush_lsn: null,
    wal_file: null,
    control_timeline: '1',
    system_identifier: SYSTEM,
    ...snapshot,
  },
  standby: {
    receive_lsn: '0/35009E0',
    replay_lsn: '0/35009E0',
    replay_paused: 'false',
    receiver_pid: '700',
    receiver_status: 'streaming',
    received_timeline: '1',
    silent_seconds: '3.25',
    ...changes,
  },
});

export const failure = (code: FailureCode, sqlstate = ''): CheckFailure =>
  new CheckFailure(code, `it failed: ${code}`, { facts: { sqlstate } });

export const NO_RECEIVER: Row = {
  receiver_pid: null,
  receiver_status: null,
  received_timeline: null,
  silent_seconds: null,
};

/** Servers by node; `opened` lists every opening. */
export function cluster(rc1: Server, rc2: Server) {
  const servers: Readonly<Record<string, Server>> = { '172.31.16.32': rc1, '172.31.16.33': rc2 };
  const opened: string[] = [];
  const sql = replicationSql(VERSION);
  const port: PostgresPort = {
    open: async ({ host }, { fresh = false }) => {
      opened.push(`${host}${fresh ? ' fresh' : ''}`);
      const server = servers[host] ?? {};
      const refusal = server.refuses ?? (fresh ? server.refusesNew : undefined);
      if (refusal) throw refusal;
      return {
        version: VERSION,
        ...(fresh && { connected: seconds(0.007) }),
        query: async (text) => {
          if (text === sql.snapshot && server.snapshot) return [server.snapshot];
          if (text === sql.senders && server.senders) return server.senders;
          if (text === sql.standby && server.standby) return [server.standby];
          throw failure('timeout');
        },
      };
    },
  };
  return { port, opened };
}
