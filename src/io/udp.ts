import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { toFailure } from '../core/failure.ts';
import type { Endpoint } from '../core/ports/network.ts';
import type { Datagram, Question, UdpPort } from '../core/ports/exchange.ts';
import { seconds } from '../core/time.ts';
import { bounded, socketFailure, type Scope } from './scope.ts';

/** Questions over UDP, each from a port of its own. */
export const udpPort = (scope: Scope): UdpPort => ({
  ask: <Result>(
    to: Endpoint,
    question: Question<Result>,
    { timeout }: Parameters<UdpPort['ask']>[2],
  ) => {
    const { protocol, bytes, tries = 1 } = question;
    const where = `${protocol} at ${to.host}:${to.port}`;
    return bounded<Result>(scope, timeout, where, ({ resolve, reject }) => {
      const fail = (error: Error): void => {
        reject(socketFailure(error, where));
      };
      let cancel: () => void = () => undefined;
      const send = (left: number): void => {
        pair.send(bytes);
        if (left > 1)
          cancel = scope.clock.after(seconds(timeout / tries), () => {
            send(left - 1);
          });
      };
      let isUnderstood = false;
      const hear = (reply: Datagram): void => {
        if (isUnderstood) return;
        try {
          const result = question.read(reply);
          if (result === undefined) return;
          isUnderstood = true;
          const farewell = question.farewell?.(reply);
          if (farewell === undefined) resolve(result);
          else
            pair.tell(farewell, reply.from, () => {
              resolve(result);
            });
        } catch (error) {
          reject(toFailure(error));
        }
      };
      const pair = new Pair(to, {
        ready: () => {
          send(tries);
        },
        hear,
        fail,
      });
      return () => {
        cancel();
        pair.close();
      };
    });
  },
});

interface Listener {
  readonly ready: () => void;
  readonly hear: (datagram: Datagram) => void;
  readonly fail: (error: Error) => void;
}

/** Local ports of pairs: the kernel may give a port once more to whoever would share it. */
const taken = new Set<number>();

/**
 * Two sockets on one local port. The connected one sends: only such a one is told by the kernel that
 * nobody listens there. The other one hears what comes from another port than the one that was asked;
 * what comes from that one, Linux hands to the socket that is connected to it.
 */
class Pair {
  readonly #to: Endpoint;
  readonly #listener: Listener;
  #open: Socket;
  #connected: Socket | undefined;
  #port: number | undefined;
  /** The asked host as the kernel writes it. */
  #host: string | undefined;
  #closed = false;

  constructor(to: Endpoint, listener: Listener) {
    this.#to = to;
    this.#listener = listener;
    this.#open = this.#claim();
  }

  send(bytes: Uint8Array): void {
    if (!this.#closed) this.#connected?.send(bytes, this.#sent);
  }

  /** Sends from the same local port to any; calls back once it has left. */
  tell(bytes: Uint8Array, to: Endpoint, done: () => void): void {
    // What was heard last is not worth an answer less: that it could not be sent is nobody's trouble.
    this.#open.send(bytes, to.port, to.host, done);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#open.close();
    this.#connected?.close();
    if (this.#port !== undefined) taken.delete(this.#port);
  }

  #socket(port: number, bound: (socket: Socket) => void): Socket {
    const isSix = isIPv6(this.#to.host);
    const socket = createSocket({
      type: isSix ? 'udp6' : 'udp4',
      reuseAddr: true,
      ...(isSix && { ipv6Only: true }),
    });
    socket.on('error', this.#listener.fail);
    socket.on('message', this.#receive);
    socket.once('listening', () => {
      bound(socket);
    });
    socket.bind(port);
    return socket;
  }

  /** A socket on a port that is free, and not another pair's. */
  #claim(): Socket {
    return this.#socket(0, (socket) => {
      const { port } = socket.address();
      if (taken.has(port)) {
        this.#open = this.#claim();
        socket.close();
        return;
      }
      taken.add(port);
      this.#port = port;
      this.#connected = this.#socket(port, (second) => {
        second.once('connect', () => {
          this.#host = second.remoteAddress().address;
          this.#listener.ready();
        });
        second.connect(this.#to.port, this.#to.host);
      });
    });
  }

  readonly #sent = (error: Error | null): void => {
    if (error !== null) this.#listener.fail(error);
  };

  readonly #receive = (
    bytes: Uint8Array,
    { address, port }: { readonly address: string; readonly port: number },
  ): void => {
    if (!this.#closed && address === this.#host)
      this.#listener.hear({ from: { host: address, port }, bytes });
  };
}
