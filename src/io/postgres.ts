import type {
  CanaryPort,
  PostgresPort,
  PostgresServer,
  PostgresSession,
  WalsenderPort,
} from '../core/ports/postgres.ts';
import { between, seconds, type Seconds } from '../core/time.ts';
import { writeCanary } from './postgres-canary.ts';
import { connect, type Link, type Purpose } from './postgres-link.ts';
import { walsender } from './postgres-walsender.ts';
import type { Scope } from './scope.ts';

/** The part of the time for opening that a kept connection gets to show that it is alive. */
const PROOF_OF_LIFE = 1 / 3;

/** Two intervals of the slowest check and more: a connection that waits for longer, nobody will come for. */
const MOST_IDLE = seconds(180);

const keyOf = ({ host, port, user, database, tls }: PostgresServer): string =>
  JSON.stringify([host, port, user, database, tls !== undefined, tls?.serverName]);

interface Waiting {
  readonly link: Link;
  /** It is not to be closed for idleness any more. */
  readonly stay: () => void;
}

const sessionOn = (scope: Scope, link: Link, connected: Seconds | undefined): PostgresSession => ({
  version: link.version,
  ...(connected !== undefined && { connected }),
  query: (sql, { timeout }) => link.ask(scope, sql, timeout),
});

/**
 * The connections to PostgreSQL servers, beyond the runs that use them. With `keep` one sound
 * connection per server waits for the next run, for some minutes: a new one costs the server 19 times as
 * much, and one that nobody uses any more is not kept from others. A second run that comes while it is in
 * use gets a connection of its own.
 */
export class PostgresConnections {
  readonly #keep: boolean;
  readonly #waiting = new Map<string, Waiting>();
  readonly #open = new Set<Link>();
  #closed = false;

  constructor({ keep }: { readonly keep: boolean }) {
    this.#keep = keep;
  }

  port(scope: Scope): PostgresPort {
    return {
      open: (server, { timeout, fresh = false, passing = false }) =>
        passing ? this.#pass(scope, server, timeout) : this.#enter(scope, server, timeout, fresh),
    };
  }

  /** Connections that are closed with the run, whatever `keep` says. */
  walsenderPort(scope: Scope): WalsenderPort {
    return {
      open: async (server, { timeout, physical = false }) => {
        const purpose = physical ? 'physical replication' : 'replication';
        return walsender(scope, await this.#once(scope, server, timeout, purpose));
      },
    };
  }

  canaryPort(scope: Scope): CanaryPort {
    return {
      write: (server, options) =>
        writeCanary(scope, options, (timeout) => this.#once(scope, server, timeout, 'writing')),
    };
  }

  /** Ends all connections, also those in use, and resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { stay } of this.#waiting.values()) stay();
    this.#waiting.clear();
    const links = [...this.#open];
    for (const link of links) link.close();
    await Promise.all(links.map((link) => link.gone()));
  }

  async #enter(
    scope: Scope,
    server: PostgresServer,
    timeout: Seconds,
    fresh: boolean,
  ): Promise<PostgresSession> {
    const startedAt = scope.clock.steady();
    const kept = fresh ? undefined : await this.#take(scope, server, timeout);
    if (kept !== undefined) return this.#session(scope, server, kept, undefined);
    // What the kept connection was given to prove that it lives is not given twice.
    const connectAt = scope.clock.steady();
    const left = seconds(timeout - between(startedAt, connectAt));
    const link = this.#held(await connect(scope, server, left));
    return this.#session(scope, server, link, between(connectAt, scope.clock.steady()));
  }

  #held(link: Link): Link {
    this.#open.add(link);
    void link.gone().then(() => this.#open.delete(link));
    return link;
  }

  async #once(
    scope: Scope,
    server: PostgresServer,
    timeout: Seconds,
    purpose: Purpose,
  ): Promise<Link> {
    const link = this.#held(await connect(scope, server, timeout, purpose));
    scope.hold(() => {
      link.close();
    });
    return link;
  }

  /** A connection that nobody keeps. */
  async #pass(scope: Scope, server: PostgresServer, timeout: Seconds): Promise<PostgresSession> {
    const startedAt = scope.clock.steady();
    const link = await this.#once(scope, server, timeout, 'reading');
    return sessionOn(scope, link, between(startedAt, scope.clock.steady()));
  }

  /** The waiting connection, if it still answers: the host may have restarted without a word. */
  async #take(scope: Scope, server: PostgresServer, timeout: Seconds): Promise<Link | undefined> {
    const waiting = this.#waiting.get(keyOf(server));
    if (waiting === undefined) return undefined;
    const { link, stay } = waiting;
    stay();
    this.#waiting.delete(keyOf(server));
    if (await link.answers(scope, seconds(timeout * PROOF_OF_LIFE))) return link;
    link.close();
    return undefined;
  }

  #session(
    scope: Scope,
    server: PostgresServer,
    link: Link,
    connected: Seconds | undefined,
  ): PostgresSession {
    scope.hold(() => {
      this.#release(scope, keyOf(server), link);
    });
    return sessionOn(scope, link, connected);
  }

  #release({ clock }: Scope, key: string, link: Link): void {
    if (!this.#keep || this.#closed || !link.sound) {
      link.close();
      return;
    }
    const before = this.#waiting.get(key);
    before?.stay();
    before?.link.close();
    const stay = clock.after(MOST_IDLE, () => {
      this.#waiting.delete(key);
      link.close();
    });
    this.#waiting.set(key, { link, stay });
  }
}
