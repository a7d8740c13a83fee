import { CheckFailure } from '../core/failure.ts';

/** Longer than any message that a monitoring query can honestly be answered with. */
export const LONGEST_MESSAGE = 1 << 20;

const HEADER = 5;
const ERROR = 0x45;
const NOTICE = 0x4e;

/**
 * The types of message that a server may send to a client which only asks simple questions
 * (PostgreSQL manual section 55.7): authentication, key data, command complete, data row, empty query,
 * error, notice, parameter status, notification, row description, protocol negotiation, ready.
 */
const TYPES: ReadonlySet<number> = new Set(new TextEncoder().encode('RKCDIENSATvZ'));

/**
 * Cuts a server's byte stream into whole messages: each is a type, then an unsigned 32-bit big-endian
 * length that counts itself but not the type, then the body.
 *
 * The client library reads what it is given without looking at its limits: an error message without
 * its terminator keeps it busy for ever. So nothing reaches it that has not passed here.
 *
 * @returns the whole messages, as they came, and what follows them: put that before the next bytes.
 * @throws CheckFailure `protocol` at the first message that no PostgreSQL server sends.
 */
export function takeMessages(stream: Uint8Array): { messages: Uint8Array; rest: Uint8Array } {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  let start = 0;
  while (start < stream.length) {
    const type = view.getUint8(start);
    if (!TYPES.has(type)) throw broken('a message of a type that does not exist', { type });
    if (start + HEADER > stream.length) break;
    const length = view.getUint32(start + 1);
    if (length < 4 || length > LONGEST_MESSAGE) {
      throw broken('a message of an impossible length', { length });
    }
    const end = start + 1 + length;
    if (end > stream.length) break;
    if (type === ERROR || type === NOTICE) checkFields(stream.subarray(start + HEADER, end));
    start = end;
  }
  return { messages: stream.subarray(0, start), rest: stream.subarray(start) };
}

/** Errors and notices are fields of a type byte and a text up to a NUL; one more NUL ends them. */
function checkFields(body: Uint8Array): void {
  let at = 0;
  while (at < body.length) {
    if (body[at] === 0) {
      if (at === body.length - 1) return;
      break;
    }
    const end = body.indexOf(0, at + 1);
    if (end === -1) break;
    at = end + 1;
  }
  throw broken('an error message without an end', { octets: body.length });
}

const broken = (what: string, facts: Record<string, number>): CheckFailure =>
  new CheckFailure('protocol', `the peer does not speak PostgreSQL: it sent ${what}`, { facts });
