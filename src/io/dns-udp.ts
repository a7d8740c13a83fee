import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Endpoint } from '../core/ports/network.ts';
import { idOf, isReplyTo, setId } from '../protocol/dns.ts';

/** One question on its way; the channel writes the id into `query`. */
export interface Exchange {
  readonly query: Uint8Array;
  /** The first datagram has just left. */
  readonly sent: () => void;
  readonly answered: (message: Uint8Array) => void;
  readonly failed: (error: Error) => void;
}

/**
 * How many questions one server is given at once. More would only wait in its receive buffer (212992
 * octets by default, about 270 datagrams) and be lost there; 100 keep a BIND busy all the time.
 */
const WINDOW = 100;

/**
 * The UDP socket for one server, shared by all questions to it. It is connected: only then does Linux
 * report that the port is closed (an unconnected one sees a dead server as silence), and datagrams of
 * any other source never reach us.
 *
 * A socket on which anything failed is retired: it takes no more questions and closes after the last.
 * So an error that comes late never hits a later question, and a source address that this host has
 * since lost does not stay with us.
 */
export class UdpChannel {
  readonly #socket: Socket;
  readonly #waiting = new Set<Exchange>();
  readonly #flying = new Map<number, Exchange>();
  readonly #ids = new Map<Exchange, number>();
  #state: 'connecting' | 'open' | 'retired' | 'closed' = 'connecting';

  constructor(server: Endpoint) {
    this.#socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
    this.#socket.unref();
    this.#socket.on('message', this.#receive);
    this.#socket.on('error', this.#fail);
    this.#socket.once('connect', () => {
      if (this.#state === 'connecting') this.#state = 'open';
      this.#pump();
    });
    this.#socket.connect(server.port, server.host);
  }

  /** True while it takes questions. */
  get usable(): boolean {
    return this.#state === 'connecting' || this.#state === 'open';
  }

  get idle(): boolean {
    return this.#waiting.size === 0 && this.#flying.size === 0;
  }

  ask(exchange: Exchange): void {
    this.#waiting.add(exchange);
    this.#pump();
  }

  /** Sends the question once more, unchanged. */
  repeat(exchange: Exchange): void {
    if (this.#ids.has(exchange) && this.#state !== 'closed') this.#send(exchange);
  }

  /** The question's end, whichever; `well` = with an answer. */
  release(exchange: Exchange, well: boolean): void {
    this.#waiting.delete(exchange);
    const id = this.#ids.get(exchange);
    if (id !== undefined) {
      this.#ids.delete(exchange);
      this.#flying.delete(id);
    }
    this.#pump();
    if (!well || this.#state === 'retired') this.retire();
  }

  /** Takes no more questions, and closes once none is left. */
  retire(): void {
    if (this.#state === 'closed') return;
    this.#state = 'retired';
    if (this.idle) {
      this.#state = 'closed';
      this.#socket.close();
    }
  }

  #pump(): void {
    if (this.#state !== 'open' && this.#state !== 'retired') return;
    for (const exchange of this.#waiting) {
      if (this.#flying.size >= WINDOW) return;
      this.#waiting.delete(exchange);
      const id = this.#freeId();
      this.#flying.set(id, exchange);
      this.#ids.set(exchange, id);
      setId(exchange.query, id);
      this.#send(exchange);
      exchange.sent();
    }
  }

  // Ends, because no more than WINDOW of 65536 are ever taken.
  #freeId(): number {
    for (;;) {
      const id = randomInt(0x1_0000);
      if (!this.#flying.has(id)) return id;
    }
  }

  #send(exchange: Exchange): void {
    // Without a callback, node:dgram would swallow what the kernel says about this datagram.
    this.#socket.send(exchange.query, this.#sent);
  }

  readonly #sent = (error: Error | null): void => {
    if (error !== null) this.#fail(error);
  };

  readonly #receive = (message: Uint8Array): void => {
    const exchange = this.#flying.get(idOf(message) ?? -1);
    if (exchange !== undefined && isReplyTo(exchange.query, message)) exchange.answered(message);
  };

  /** What the kernel says about the server (its port is closed, no route) holds for every question. */
  readonly #fail = (error: Error): void => {
    const all = [...this.#flying.values(), ...this.#waiting];
    this.#waiting.clear();
    this.retire();
    for (const exchange of all) exchange.failed(error);
  };
}
