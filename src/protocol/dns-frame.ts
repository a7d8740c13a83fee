import { CheckFailure } from '../core/failure.ts';
import { HEADER_OCTETS, word } from './dns.ts';

/** One message as it goes over TCP: after its own length in octets (RFC 1035 section 4.2.2). */
export function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(2 + message.length);
  new DataView(framed.buffer).setUint16(0, message.length);
  framed.set(message, 2);
  return framed;
}

/**
 * Takes messages off a TCP byte stream, piece by piece; the length of 16 bits bounds what it keeps. The
 * returned function gives the messages that a piece makes whole, in their order.
 *
 * @throws CheckFailure `protocol` when the next message's length is too small for a DNS header.
 */
export function framesReader(): (piece: Uint8Array) => readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let have = 0;
  let need = 2;
  return (piece) => {
    pieces.push(piece);
    have += piece.length;
    if (have < need) return [];
    // Joined seldom, so that a stream that comes octet by octet costs no square of copies.
    let stream: Uint8Array = Buffer.concat(pieces.splice(0));
    const messages: Uint8Array[] = [];
    for (;;) {
      need = needOf(stream);
      if (need < 2 + HEADER_OCTETS && stream.length >= 2) {
        if (messages.length === 0) throw tooShort(need - 2);
        // What is whole is given first; the next piece comes to this failure.
        need = 2;
        break;
      }
      if (stream.length < need) break;
      messages.push(stream.subarray(2, need));
      stream = stream.subarray(need);
    }
    pieces.push(stream);
    have = stream.length;
    return messages;
  };
}

/** As `framesReader`, for whoever expects one message only: what follows it is not looked at. */
export function frameReader(): (piece: Uint8Array) => Uint8Array | undefined {
  const read = framesReader();
  return (piece) => read(piece)[0];
}

const needOf = (stream: Uint8Array): number => (stream.length < 2 ? 2 : 2 + word(stream, 0));

const tooShort = (octets: number): CheckFailure =>
  new CheckFailure('protocol', 'DNS message is shorter than its header', { facts: { octets } });
