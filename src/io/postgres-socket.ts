import { connect, isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as secure, type TLSSocket } from 'node:tls';
import { CheckFailure } from '../core/failure.ts';
import type { Tls } from '../core/region.ts';
import { takeMessages } from '../protocol/postgres-frames.ts';

/** The most bytes that one exchange is answered with; far more than any query of ours needs. */
const MOST_BYTES = 4 << 20;

/** SSLRequest: its length, and the number that stands where others have a protocol version. */
const SSL_REQUEST = Buffer.of(0, 0, 0, 8, 4, 210, 22, 47);

/**
 * What stands between the network and the client library. With `tls` it asks for encryption first
 * (PostgreSQL manual section 55.2.11) and goes no further without: nothing is ever sent in clear then.
 * It hands on whole, well-formed messages only, and destroys itself with a failure on anything else.
 * What the library throws while it reads ends the connection too, instead of the process.
 */
export class PostgresSocket extends Duplex {
  /** Bytes that came in the present exchange. */
  heard = 0;
  readonly #tls: Tls | undefined;
  #inner: Socket | undefined;
  #rest: Uint8Array = new Uint8Array();

  constructor(tls?: Tls) {
    super({ allowHalfOpen: false });
    this.#tls = tls;
  }

  /** As `net.Socket` does; `connect` is emitted once messages may be sent. */
  connect(port: number, host: string): this {
    const socket = this.#follow(connect(port, host));
    socket.setNoDelay(true);
    socket.once('connect', () => {
      if (this.#tls === undefined) this.#carry(socket);
      else this.#encrypt(socket, this.#tls, host);
    });
    return this;
  }

  /** The library calls it; done on connecting. */
  setNoDelay(): this {
    return this;
  }

  /** Ends once all that was written is out. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'data') return super.emit(event, ...values);
    try {
      return super.emit(event, ...values);
    } catch (error) {
      this.#refuse(error);
      return true;
    }
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#inner === undefined) done(new Error('not connected'));
    else this.#inner.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#inner?.end();
    done();
  }

  override _read(): void {
    this.#inner?.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner?.destroy();
    done(error);
  }

  /** Whatever becomes of the layer below becomes of this one. */
  #follow<Layer extends Socket>(layer: Layer): Layer {
    layer.on('error', (error) => this.destroy(error));
    layer.on('close', () => this.destroy());
    this.#inner = layer;
    return layer;
  }

  #carry(layer: Socket): void {
    layer.on('data', (chunk: Buffer) => {
      try {
        if (!this.#take(chunk)) layer.pause();
      } catch (error) {
        this.#refuse(error);
      }
    });
    layer.on('end', () => this.push(null));
    this.emit('connect');
  }

  #encrypt(socket: Socket, tls: Tls, host: string): void {
    socket.once('data', (answer: Buffer) => {
      // More than the one byte would be something that somebody put in before the encryption.
      if (answer.length !== 1 || answer[0] !== 0x53) {
        const plain = answer.length === 1 && answer[0] === 0x4e;
        this.destroy(
          plain
            ? new CheckFailure('tls', 'the server does not offer encryption (ssl is off)')
            : new CheckFailure(
                'protocol',
                'asked for encryption, the peer did not answer as PostgreSQL',
              ),
        );
        return;
      }
      socket.removeAllListeners('error').on('error', (error) => {
        this.destroy(tlsFailure(error));
      });
      this.#handshake(socket, tls, host);
    });
    socket.write(SSL_REQUEST);
  }

  #handshake(socket: Socket, { ca, serverName: name }: Tls, host: string): void {
    const serverName = name ?? host;
    let encrypted: TLSSocket;
    try {
      encrypted = secure({
        socket,
        // The name that the certificate is held against; as SNI only what is no address (RFC 6066).
        host: serverName,
        ...(isIP(serverName) === 0 && { servername: serverName }),
        ...(ca !== undefined && { ca: ca.reveal() }),
      });
    } catch (error) {
      this.destroy(tlsFailure(error));
      return;
    }
    const failed = (error: Error): void => {
      this.destroy(tlsFailure(error));
    };
    encrypted.once('error', failed);
    encrypted.once('secureConnect', () => {
      encrypted.removeListener('error', failed);
      this.#carry(this.#follow(encrypted));
    });
  }

  /** False when the library has enough for now. */
  #take(chunk: Uint8Array): boolean {
    this.heard += chunk.length;
    if (this.heard > MOST_BYTES) {
      throw new CheckFailure('protocol', 'the answer is larger than any honest one', {
        facts: { bytes: this.heard },
      });
    }
    const stream = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const { messages, rest } = takeMessages(stream);
    this.#rest = rest.slice();
    if (messages.length === 0) return true;
    return this.push(Buffer.from(messages.buffer, messages.byteOffset, messages.byteLength));
  }

  #refuse(error: unknown): void {
    this.destroy(
      error instanceof CheckFailure
        ? error
        : new CheckFailure('protocol', 'a message could not be read', { cause: error }),
    );
  }
}

const tlsFailure = (error: unknown): CheckFailure => {
  const words = error instanceof Error ? error.message : String(error);
  return new CheckFailure('tls', `no encryption that can be trusted: ${words}`, { cause: error });
};
