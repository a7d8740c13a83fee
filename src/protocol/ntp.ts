import { CheckFailure } from '../core/failure.ts';

/* NTP, as a client asks a server once (RFC 5905 section 7.3). All numbers are big-endian. */

export const NTP_PORT = 123;

const OCTETS = 48;
const [VERSION, CLIENT, SERVER] = [4, 3, 4] as const;
/** Seconds from 1900 to 1970. */
const ERA = 2_208_988_800;

/** A client's question. @param now epoch milliseconds; the answer repeats it, to the quarter of a nanosecond. */
export function encodeNtpQuestion(now: number): Uint8Array {
  const message = new Uint8Array(OCTETS);
  message[0] = (VERSION << 3) | CLIENT;
  const view = new DataView(message.buffer);
  view.setUint32(40, Math.floor(now / 1000) + ERA);
  view.setUint32(44, Math.floor(((now % 1000) / 1000) * 2 ** 32));
  return message;
}

/**
 * What a server says of its own clock: `synchronised`, `unsynchronised` (leap indicator 3, or a stratum that
 * means so: 16, and 0 without a code), or `kiss` (stratum 0 with a code: it answers, and not this client;
 * RFC 5905 section 7.4).
 */
export type NtpAnswer =
  | { readonly is: 'synchronised'; readonly stratum: number }
  | { readonly is: 'unsynchronised' }
  | { readonly is: 'kiss'; readonly code: string };

/**
 * Reads an answer to that question; undefined: it is none, wait for another.
 *
 * @throws CheckFailure `protocol` when a datagram that repeats our time is no answer of a server.
 */
export function readNtpAnswer(question: Uint8Array, octets: Uint8Array): NtpAnswer | undefined {
  if (octets.length < OCTETS || !repeatsTime(question, octets)) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const [flags, stratum] = [view.getUint8(0), view.getUint8(1)];
  if ((flags & 7) !== SERVER)
    throw new CheckFailure('protocol', `NTP: an answer of mode ${flags & 7}, not of a server`);
  const code = codeOf(octets.subarray(12, 16));
  if (stratum === 0 && code !== undefined) return { is: 'kiss', code };
  const isLost = flags >> 6 === 3 || stratum === 0 || stratum >= 16;
  return isLost ? { is: 'unsynchronised' } : { is: 'synchronised', stratum };
}

/** Its origin is what we sent as our time: whoever cannot repeat that did not hear us. */
const repeatsTime = (question: Uint8Array, octets: Uint8Array): boolean =>
  question.subarray(40, 48).every((octet, index) => octets[24 + index] === octet);

/**
 * Four letters of ASCII, shorter ones with zeros behind them. `INIT` and `STEP` are not for the client: they say
 * why the server has no time.
 */
function codeOf(octets: Uint8Array): string | undefined {
  const text = String.fromCharCode(...octets).replace(/\0+$/, '');
  return /^[A-Z]{3,4}$/.test(text) && !['INIT', 'STEP'].includes(text) ? text : undefined;
}
