import { Client, type ClientConfig, type QueryConfig } from 'pg';
import { CheckFailure } from '../core/failure.ts';
import type { PostgresServer, Row } from '../core/ports/postgres.ts';
import type { Seconds } from '../core/time.ts';
import { versionNumber } from '../protocol/postgres-version.ts';
import { isFatal, postgresFailure } from './postgres-errors.ts';
import { PostgresSocket } from './postgres-socket.ts';
import { bounded, type Scope } from './scope.ts';

/** The most rows that an answer may have. */
const MOST_ROWS = 10_000;

/** The library's own timers come after ours: they hold only if ours should ever fail. */
const AFTERWARDS = 250;

const nameOf = ({ host, port }: PostgresServer): string => `PostgreSQL at ${host}:${port}`;

interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

/**
 * What a connection is for. `reading`: no statement on it can write. `writing`: for the canary alone.
 * The other two speak the replication protocol, with a database or, for 9.3, without.
 */
export type Purpose = 'reading' | 'writing' | 'replication' | 'physical replication';

/** The start-up parameter `replication` (PostgreSQL manual section 55.4). */
const REPLICATION: Readonly<Record<Purpose, { readonly replication?: string }>> = {
  reading: {},
  writing: {},
  replication: { replication: 'database' },
  'physical replication': { replication: 'true' },
};

/** Connects and logs in, within `timeout`. */
export function connect(
  scope: Scope,
  server: PostgresServer,
  timeout: Seconds,
  purpose: Purpose = 'reading',
): Promise<Link> {
  const what = nameOf(server);
  return bounded<Link>(scope, timeout, what, (settle) => {
    const socket = new PostgresSocket(server.tls);
    const client = clientOf(server, socket, timeout, purpose);
    let version = '';
    client.connection.on('parameterStatus', (status: ParameterStatus) => {
      if (status.parameterName === 'server_version') version = status.parameterValue;
    });
    const fail = (error: unknown): void => {
      settle.reject(postgresFailure(error, what, socket.heard));
    };
    // Without a listener a server that goes away would end the process; it also ends a log-in whose
    // failure the library tells nobody else.
    client.on('error', fail);
    client
      .connect()
      .then(() => {
        settle.resolve(new Link(client, socket, what, versionNumber(version), purpose));
      })
      .catch(fail);
    return (answered) => {
      if (!answered) socket.destroy();
    };
  });
}

/** Everything is said here, so that no `PG…` variable of the environment has a say. */
function clientOf(
  server: PostgresServer,
  socket: PostgresSocket,
  timeout: Seconds,
  purpose: Purpose,
): Client {
  const config: ClientConfig & { replication?: string } = {
    host: server.host,
    port: server.port,
    user: server.user,
    database: server.database,
    password: () => {
      if (server.password !== undefined) return server.password.reveal();
      throw new CheckFailure('auth', `${nameOf(server)}: asks for a password and none is given`);
    },
    // The socket encrypts by itself, where it is to.
    ssl: false,
    options: '',
    client_encoding: 'utf8',
    application_name: 'maasha',
    connectionTimeoutMillis: timeout * 1000 + AFTERWARDS,
    stream: () => socket,
    ...REPLICATION[purpose],
  };
  return new Client(config);
}

/** An open connection. One exchange at a time; what is asked meanwhile waits for its turn. */
export class Link {
  readonly version: number;
  readonly #client: Client;
  readonly #socket: PostgresSocket;
  readonly #what: string;
  readonly #purpose: Purpose;
  #turn: Promise<unknown> = Promise.resolve();
  #limit: number | undefined;
  #failed = false;

  constructor(
    client: Client,
    socket: PostgresSocket,
    what: string,
    version: number,
    purpose: Purpose,
  ) {
    this.version = version;
    this.#purpose = purpose;
    this.#client = client;
    this.#socket = socket;
    this.#what = what;
    // Also what comes unasked, between two runs, is the end of it.
    client.on('error', () => {
      this.#failed = true;
      socket.destroy();
    });
  }

  /** True while nothing ever went wrong on it. */
  get sound(): boolean {
    return !this.#failed && !this.#socket.destroyed && this.#socket.readable;
  }

  ask(scope: Scope, sql: string, timeout: Seconds): Promise<readonly Row[]> {
    const answer = this.#turn.then(() => this.#exchange(scope, sql, timeout));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  /** True when the server still answers on it. */
  async answers(scope: Scope, timeout: Seconds): Promise<boolean> {
    if (!this.sound) return false;
    return this.ask(scope, 'SELECT 1', timeout).then(
      () => true,
      () => false,
    );
  }

  /** Says goodbye if the socket takes it at once, and does not wait for an answer. */
  close(): void {
    if (this.#socket.destroyed) return;
    void this.#client.end();
    this.#socket.destroySoon();
  }

  /** Resolves when the connection is gone. */
  gone(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.closed) resolve();
      else this.#socket.once('close', resolve);
    });
  }

  #exchange(scope: Scope, sql: string, timeout: Seconds): Promise<readonly Row[]> {
    return bounded<readonly Row[]>(scope, timeout, this.#what, (settle) => {
      this.#limited(sql, Math.floor(timeout * 1000)).then(settle.resolve, (error: unknown) => {
        const failure = postgresFailure(error, this.#what, this.#socket.heard);
        this.#failed = true;
        if (isFatal(failure)) this.#socket.destroy();
        settle.reject(failure);
      });
      return (answered) => {
        if (answered || this.#failed) return;
        // The answer to this question would be taken for the answer to the next one.
        this.#failed = true;
        this.#socket.destroy();
      };
    });
  }

  /**
   * The server gives up a little earlier than we do, so that no query of ours outlives us there. The
   * limit is set by a statement, not on connecting: pgpool does not know every start-up parameter. The
   * replication protocol has no such statements, and no command of ours that could take long.
   */
  async #limited(sql: string, milliseconds: number): Promise<readonly Row[]> {
    if (this.#purpose.endsWith('replication')) return this.#run(sql, milliseconds);
    const limit = Math.max(1, Math.floor(milliseconds * 0.9));
    if (limit !== this.#limit) {
      if (this.#limit === undefined && this.#purpose === 'reading')
        await this.#run('SET default_transaction_read_only = on', milliseconds);
      await this.#run(`SET statement_timeout = ${limit}`, milliseconds);
      this.#limit = limit;
    }
    return this.#run(sql, milliseconds);
  }

  async #run(text: string, milliseconds: number): Promise<readonly Row[]> {
    this.#socket.heard = 0;
    const query: QueryConfig & { query_timeout: number } = {
      text,
      types: { getTypeParser: () => (value: string) => value },
      query_timeout: milliseconds + AFTERWARDS,
    };
    const { rows } = await this.#client.query<Row>(query);
    if (rows.length > MOST_ROWS) {
      throw new CheckFailure('protocol', `${this.#what}: more rows than any honest answer has`, {
        facts: { rows: rows.length },
      });
    }
    return rows;
  }
}
