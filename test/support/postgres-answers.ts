import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { PostgresPort, Row } from '../../src/core/ports/postgres.ts';
import { seconds } from '../../src/core/time.ts';
import { capacitySql } from '../../src/analysis/capacity/sql.ts';
import { sessionsSql } from '../../src/analysis/fence/sessions.ts';
import { replicationSql } from '../../src/analysis/replication/sql.ts';
import { maasAnswer } from './maas-answers.ts';

export const VERSION = 150_018;
const SYSTEM = '7312345678901234567';

/** The answers of one server to each question, or why it gives none. */
export interface Server {
  readonly snapshot?: Row;
  readonly senders?: readonly Row[];
  readonly standby?: Row;
  readonly limits?: Row;
  readonly narrow?: readonly Row[];
  readonly slots?: readonly Row[];
  /** Absent: the account may not list them. */
  readonly files?: Row;
  /** Of MAAS's role. */
  readonly sessions?: readonly Row[];
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
  ...STOCK,
});

/** What a healthy server has, and how much WAL it keeps: 32 segments of 16 MiB. */
export const STOCK: Server = {
  limits: {
    connections: '14',
    max_connections: '100',
    reserved: '3',
    keep: '512',
    keep_unit: 'MB',
    segment: '16777216',
    segment_unit: 'B',
    slot_keep: '-1',
    slot_keep_unit: 'MB',
  },
  narrow: [],
  slots: [],
  files: { oldest: '0000000000000001', files: '3' },
};

export const slot = (changes: Row = {}): Row => ({
  slot_name: 'rc2',
  active: 'true',
  restart_lsn: '0/35009E0',
  here: '0/35009E0',
  status: 'reserved',
  safe: null,
  inactive_seconds: null,
  ...changes,
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
    pause_state: 'not paused',
    apply_delay_ms: '0',
    slot_name: null,
    receiver_pid: '700',
    receiver_status: 'streaming',
    received_timeline: '1',
    silent_seconds: '3.25',
    ...changes,
  },
  ...STOCK,
});

export const failure = (code: FailureCode, sqlstate = ''): CheckFailure =>
  new CheckFailure(code, `it failed: ${code}`, { facts: { sqlstate } });

export const NO_RECEIVER: Row = {
  receiver_pid: null,
  receiver_status: null,
  received_timeline: null,
  silent_seconds: null,
};

const QUESTIONS = [
  ...(['snapshot', 'senders', 'standby'] as const),
  ...(['limits', 'narrow', 'slots', 'files'] as const),
] as const;

/** Servers by node; `opened` lists every opening. */
export function cluster(rc1: Server, rc2: Server) {
  const servers: Readonly<Record<string, Server>> = { '172.31.16.32': rc1, '172.31.16.33': rc2 };
  const opened: string[] = [];
  const sql = { ...replicationSql(VERSION), ...capacitySql(VERSION) };
  const port: PostgresPort = {
    open: async ({ host, database }, { fresh = false }) => {
      opened.push(`${host}${fresh ? ' fresh' : ''}`);
      const server = servers[host] ?? {};
      const refusal = server.refuses ?? (fresh ? server.refusesNew : undefined);
      if (refusal) throw refusal;
      return {
        version: VERSION,
        ...(fresh && { connected: seconds(0.007) }),
        query: async (text) => {
          const maas = maasAnswer(text, { recovering: server.standby !== undefined, database });
          if (maas !== undefined) return maas;
          if (text === sessionsSql('maas')) return server.sessions ?? [];
          const question = QUESTIONS.find((each) => sql[each] === text);
          const answer = question && server[question];
          if (answer === undefined)
            throw failure(question === 'files' ? 'no_privilege' : 'timeout');
          return Array.isArray(answer) ? (answer as readonly Row[]) : [answer as Row];
        },
      };
    },
  };
  return { port, opened };
}
