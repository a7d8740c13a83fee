import type { Tls } from '../region.ts';
import type { Secret } from '../secret.ts';
import type { Seconds } from '../time.ts';
import type { Endpoint, Limit } from './network.ts';

export interface PostgresServer extends Endpoint {
  readonly user: string;
  readonly password?: Secret;
  readonly database: string;
  /** Absent: no encryption. Present: nothing is said without. */
  readonly tls?: Tls | undefined;
}

/** A row as text or null per column: the check, not the driver, decides what a value means. */
export type Row = Readonly<Record<string, string | null>>;

export interface PostgresSession {
  /** `server_version_num`, such as 150018 or 90324. */
  readonly version: number;
  /** How long it took to connect; absent on a connection that was kept from an earlier run. */
  readonly connected?: Seconds;
  /** Runs one read-only statement. @throws CheckFailure `timeout`, `no_privilege`, `protocol`, … */
  query(sql: string, limit: Limit): Promise<readonly Row[]>;
}

export interface PostgresPort {
  /**
   * A session on one server. A service keeps one connection per server from run to run (`fresh`
   * asks for a new one, which then replaces the kept one); a one-off run makes one and closes it.
   * `passing` asks for one that is closed with the run in any case: pgpool has few children.
   * A connection on which anything timed out is thrown away, never reused.
   *
   * @throws CheckFailure `refused`, `unreachable`, `timeout`, `auth`, `tls`, `protocol` or `dependency`
   *   (the server is starting up, shutting down or out of connections).
   */
  open(
    server: PostgresServer,
    options: Limit & { readonly fresh?: boolean; readonly passing?: boolean },
  ): Promise<PostgresSession>;
}

/** What `IDENTIFY_SYSTEM` answers (PostgreSQL manual section 55.4). */
export interface SystemIdentity {
  /** Equal on all copies of one database, and on no other. */
  readonly system: string;
  /** The timeline that the server is on: of a standby the one that it replays. */
  readonly timeline: number;
  /** What is flushed on a primary; on a standby what it has received or replayed, whichever is further. */
  readonly position: bigint;
}

/** A timeline that another one descends from, and where that one left it. */
export interface TimelineEnd {
  readonly timeline: number;
  readonly end: bigint;
}

/** A connection that speaks the replication protocol; it is closed with the run. It never asks for WAL. */
export interface Walsender {
  identify(limit: Limit): Promise<SystemIdentity>;
  /**
   * The ancestors of a timeline, oldest first; timeline 1 has none and is not asked for.
   *
   * @throws CheckFailure `protocol` also when the server has no history file of it.
   */
  timelineHistory(timeline: number, limit: Limit): Promise<readonly TimelineEnd[]>;
}

export interface WalsenderPort {
  /**
   * Logs in for replication: the role needs the attribute REPLICATION. From 9.4 on it is let in by the
   * line of pg_hba.conf that lets it into its database; `physical` is for 9.3, which needs a line for
   * the word `replication`.
   *
   * @throws CheckFailure as `PostgresPort.open`; `no_privilege` without the attribute.
   */
  open(
    server: PostgresServer,
    options: Limit & { readonly physical?: boolean },
  ): Promise<Walsender>;
}

export interface CanaryPort {
  /**
   * The only hand that writes: it updates the row of one region in the table that the operator has made
   * for it, on a connection of its own, and reads it back.
   *
   * @returns how long both took, connecting excepted; `kept` is false when the row that was read is not
   *   the one that was written.
   * @throws CheckFailure as a session does; `config` when the table has no row for the region, or has
   *   another name than a table can have.
   */
  write(
    server: PostgresServer,
    options: Limit & { readonly table: string; readonly region: string },
  ): Promise<{ readonly took: Seconds; readonly kept: boolean }>;
}
