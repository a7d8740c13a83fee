import { createHmac, timingSafeEqual } from 'node:crypto';
import { CheckFailure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';

/*
 * AMP, the Asynchronous Messaging Protocol that MAAS region controllers speak on their RPC ports, as
 * Twisted defines it (twisted.protocols.amp). It has no magic, no version and no greeting of its own.
 */

/** One message: values by key. A key is 1 to 255 octets, kept as one character per octet (latin1). */
export type AmpBox = ReadonlyMap<string, Uint8Array>;

/** An honest answer to `Authenticate` has about 100 octets. */
export const MAX_BOX_OCTETS = 256 * 1024;
const MAX_PAIRS = 256;
const MAX_KEY_OCTETS = 255;
const MAX_VALUE_OCTETS = 65_535;

/**
 * A box as bytes: pairs of key and value, each after its length (unsigned 16-bit big-endian), keys in the
 * order of their octets as Twisted sends them, then a length of zero.
 *
 * @throws CheckFailure `internal` when a key or value is too long, or there is none.
 */
export function encodeBox(box: AmpBox): Uint8Array {
  if (box.size === 0) throw new CheckFailure('internal', 'an AMP box must not be empty');
  const parts: Uint8Array[] = [];
  for (const [key, value] of [...box].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const octets = Uint8Array.from(key, (character) => character.charCodeAt(0));
    if (key === '' || key.length > MAX_KEY_OCTETS || value.length > MAX_VALUE_OCTETS)
      throw new CheckFailure('internal', 'an AMP key or value has an impossible length');
    parts.push(length16(octets.length), octets, length16(value.length), value);
  }
  return concat([...parts, length16(0)]);
}

const length16 = (length: number): Uint8Array => Uint8Array.of(length >> 8, length & 0xff);

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Takes the first complete box off a byte stream.
 *
 * @returns the box and what follows it, or `undefined` while it is still incomplete.
 * @throws CheckFailure `protocol` for a key of more than 255 octets (which is what every other protocol
 *   looks like), an empty box, a key that comes twice, or a box that is larger than any honest one.
 */
export function takeBox(
  stream: Uint8Array,
): { readonly message: AmpBox; readonly rest: Uint8Array } | undefined {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const box = new Map<string, Uint8Array>();
  let at = 0;
  const take = (most: number): Uint8Array | undefined => {
    if (at + 2 > stream.length) return undefined;
    const length = view.getUint16(at);
    // Two letters are a length that no key has; the words say what speaks there instead.
    if (length > most)
      throw broken(
        `"${printable(latin1(stream.subarray(at, at + 40)), 40)}" where a key should be`,
      );
    if (at + 2 + length > stream.length) return undefined;
    at += 2 + length;
    if (at > MAX_BOX_OCTETS) throw broken(`more than ${MAX_BOX_OCTETS} octets`);
    // A copy: the slice of a Buffer would only be a window on all that was received.
    return new Uint8Array(stream.subarray(at - length, at));
  };
  for (;;) {
    const octets = take(MAX_KEY_OCTETS);
    if (octets === undefined) return undefined;
    const key = latin1(octets);
    if (key === '') break;
    if (box.has(key) || box.size === MAX_PAIRS)
      throw broken('too many keys, or one that comes twice');
    const value = take(MAX_VALUE_OCTETS);
    if (value === undefined) return undefined;
    box.set(key, value);
  }
  if (box.size === 0) throw broken('nothing in it');
  return { message: box, rest: stream.subarray(at) };
}

const broken = (why: string): CheckFailure =>
  new CheckFailure('protocol', `not an AMP box: ${why}`);

const latin1 = (octets: Uint8Array): string =>
  Array.from(octets, (octet) => String.fromCharCode(octet)).join('');

const utf8 = new TextDecoder();

/** A value as text; `undefined` when the box does not have it. */
export function textOf(box: AmpBox, key: string): string | undefined {
  const value = box.get(key);
  return value === undefined ? undefined : utf8.decode(value);
}

/**
 * The one question that the monitor may ask: `Authenticate`, answered from MAAS 1.7 on. Nothing else of
 * MAAS's commands is in this program, because most of the others change the region.
 *
 * @param tag matches the answer to the question.
 * @param message any octets of our choice, which the region must sign; MAAS itself sends 16.
 */
export function authenticateBox(tag: string, message: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  return encodeBox(
    new Map([
      ['_ask', encoder.encode(tag)],
      ['_command', encoder.encode('Authenticate')],
      ['message', message],
    ]),
  );
}

/**
 * Whether `digest` proves that its sender holds the secret: HMAC-SHA256 of message and salt under it
 * (MAAS's provisioningserver/security.py).
 *
 * @param secretHex as MAAS keeps it in its file `secret`: hex text, white space around it allowed.
 * @throws CheckFailure `config` when the secret is not hex; it is not repeated in the message.
 */
export function verifyDigest(
  secretHex: string,
  message: Uint8Array,
  salt: Uint8Array,
  digest: Uint8Array,
): boolean {
  const hex = secretHex.trim();
  if (!/^([\da-f]{2})+$/i.test(hex))
    throw new CheckFailure('config', "the region's shared secret is not hex text");
  const key = Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
  const expected = createHmac('sha256', key).update(message).update(salt).digest();
  return digest.length === expected.length && timingSafeEqual(digest, expected);
}
