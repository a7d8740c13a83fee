import { Socket } from 'node:net';
import { CheckFailure } from '../core/failure.ts';
import { takeMessages } from '../protocol/postgres-frames.ts';

/** The most bytes that one exchange is answered with; far more than any query of ours needs. */
const MOST_BYTES = 4 << 20;

/**
 * A socket that stands between the network and the client library: it hands on whole, well-formed
 * messages only, and destroys itself with a failure on anything else. What the library throws while
 * it reads ends the connection too, instead of the process.
 */
export class PostgresSocket extends Socket {
  /** Bytes that came in the present exchange. */
  heard = 0;
  #rest: Uint8Array = new Uint8Array();

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event !== 'data') return super.emit(event, ...values);
    try {
      for (const chunk of values) if (chunk instanceof Uint8Array) this.#take(chunk);
    } catch (error) {
      this.destroy(
        error instanceof CheckFailure
          ? error
          : new CheckFailure('protocol', 'a message could not be read', { cause: error }),
      );
    }
    return true;
  }

  #take(chunk: Uint8Array): void {
    this.heard += chunk.length;
    if (this.heard > MOST_BYTES) {
      throw new CheckFailure('protocol', 'the answer is larger than any honest one', {
        facts: { bytes: this.heard },
      });
    }
    const stream = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const { messages, rest } = takeMessages(stream);
    this.#rest = rest.slice();
    if (messages.length > 0) {
      super.emit('data', Buffer.from(messages.buffer, messages.byteOffset, messages.byteLength));
    }
  }
}
