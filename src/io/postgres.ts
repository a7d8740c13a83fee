import type { PostgresPort, PostgresServer, PostgresSession } from '../core/ports/postgres.ts';
import { between, seconds, type Seconds } from '../core/time.ts';
import { connect, type Link } from './postgres-link.ts';
import type { Scope } from './scope.ts';

/** The part of the time for opening that a kept connection gets to show that it is alive. */
const PROOF_OF_LIFE = 1 / 3;

const keyOf = ({ host, port, user, database }: PostgresServer): string =>
  JSON.stringify([host, port, user, database]);

/**
 * The connections to PostgreSQL servers, beyond the runs that use them. With `keep` one sound
 * connection per server waits for the next run: a new one costs the server 19 times as much. A second
 * run that comes while it is in use gets a connection of its own.
 */
export class PostgresConnections {
  readonly #keep: boolean;
  readonly #waiting = new Map<string, Link>();
  readonly #open = new Set<Link>();
  #closed = false;

  constructor({ keep }: { readonly keep: boolean }) {
    this.#keep = keep;
  }

  port(scope: Scope): PostgresPort {
    return {
      open: (server, { timeout, fresh = false }) => this.#enter(scope, server, timeout, fresh),
    };
  }

  /** Ends all connections, also those in use, and resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
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
    const link = await connect(scope, server, left);
    this.#open.add(link);
    void link.gone().then(() => this.#open.delete(link));
    return this.#session(scope, server, link, between(connectAt, scope.clock.steady()));
  }

  /** The waiting connection, if it still answers: the host may have restarted without a word. */
  async #take(scope: Scope, server: PostgresServer, timeout: Seconds): Promise<Link | undefined> {
    const link = this.#waiting.get(keyOf(server));
    if (link === undefined) return undefined;
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
      this.#release(keyOf(server), link);
    });
    return {
      version: link.version,
      ...(connected !== undefined && { connected }),
      query: (sql, { timeout }) => link.ask(scope, sql, timeout),
    };
  }

  #release(key: string, link: Link): void {
    if (!this.#keep || this.#closed || !link.sound) {
      link.close();
      return;
    }
    this.#waiting.get(key)?.close();
    this.#waiting.set(key, link);
  }
}
