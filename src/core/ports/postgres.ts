import type { Secret } from '../secret.ts';
import type { Seconds } from '../time.ts';
import type { Endpoint, Limit } from './network.ts';

export interface PostgresServer extends Endpoint {
  readonly user: string;
  readonly password?: Secret;
  readonly database: string;
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
   * A connection on which anything timed out is thrown away, never reused.
   *
   * @throws CheckFailure `refused`, `unreachable`, `timeout`, `auth`, `tls`, `protocol` or `dependency`
   *   (the server is starting up, shutting down or out of connections).
   */
  open(
    server: PostgresServer,
    options: Limit & { readonly fresh?: boolean },
  ): Promise<PostgresSession>;
}
