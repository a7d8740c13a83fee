import { CheckFailure } from '../core/failure.ts';
import { word } from './dns.ts';

/** A resource record as it stands in a message (RFC 1035 section 4.1.3), read as far as a digest needs. */
export interface WireRecord {
  /** As text, for comparing with another one; octets beyond ASCII stay as they are (Latin-1). */
  readonly owner: string;
  readonly type: number;
  /** Present on an SOA. */
  readonly serial?: number;
  /** Owner, type, class and data, names in full and in lower case (RFC 4034 section 6); without the TTL. */
  readonly canonical: Uint8Array;
  /** Where the next one begins. */
  readonly next: number;
}

export const SOA = 6;

/** Type, class, TTL and length, which follow the owner. */
const FIXED_OCTETS = 10;
/** Serial and the four times that end an SOA. */
const SOA_TAIL = 20;
const MAX_NAME = 255;

/**
 * Where names stand in the data of the types that may compress them (RFC 3597 section 4): so many octets
 * before, and so many names; what follows has none.
 */
const NAMES = new Map<number, readonly [before: number, names: number]>([
  ...[2, 3, 4, 5, 7, 8, 9, 12, 39].map((type) => [type, [0, 1]] as const),
  ...[SOA, 14, 17].map((type) => [type, [0, 2]] as const),
  ...[15, 18, 21].map((type) => [type, [2, 1]] as const),
  [33, [6, 1]],
]);

/** @throws CheckFailure `protocol` when it runs past the end, or its names lead nowhere. */
export function readRecord(message: Uint8Array, at: number): WireRecord {
  const owner = readName(message, at, message.length);
  const [type, length] = [word(message, owner.next), word(message, owner.next + 8)];
  const from = owner.next + FIXED_OCTETS;
  const next = from + length;
  if (next > message.length) throw broken('a record runs past its end');
  const kind = message.subarray(owner.next, owner.next + 4);
  const data = readData(message, type, from, next);
  return {
    owner: textOf(owner.name),
    type,
    ...(type === SOA && { serial: serialIn(data) }),
    canonical: Buffer.concat([owner.name, kind, data]),
    next,
  };
}

/** Behind the question that begins at `at`. @throws CheckFailure `protocol` */
export const skipQuestion = (message: Uint8Array, at: number): number =>
  readName(message, at, message.length).next + 4;

function readData(message: Uint8Array, type: number, from: number, end: number): Uint8Array {
  const [before, names] = NAMES.get(type) ?? [0, 0];
  if (from + before > end) throw broken('a record is too short for its type');
  const parts = [message.subarray(from, from + before)];
  let at = from + before;
  for (let left = names; left > 0; left -= 1) {
    const { name, next } = readName(message, at, end);
    parts.push(name);
    at = next;
  }
  parts.push(message.subarray(at, end));
  return Buffer.concat(parts);
}

function serialIn(data: Uint8Array): number {
  if (data.length < SOA_TAIL) throw broken('an SOA is too short');
  return new DataView(data.buffer, data.byteOffset).getUint32(data.length - SOA_TAIL);
}

/** A name in full, its letters in lower case; a pointer may only lead back (RFC 1035 section 4.1.4). */
function readName(message: Uint8Array, start: number, end: number) {
  const labels: Uint8Array[] = [];
  let octets = 0;
  let next: number | undefined;
  let [at, limit] = [start, end];
  for (;;) {
    const length = message[at] ?? 0;
    if (at >= limit) throw broken('a name runs past its end');
    if (length < 0xc0) {
      const label = readLabel(message, at, limit);
      octets += label.length;
      if (octets > MAX_NAME) throw broken('a name is too long');
      labels.push(label);
      at += label.length;
      if (length === 0) break;
    } else {
      next ??= at + 2;
      limit = at;
      at = readPointer(message, at, end);
    }
  }
  return { name: Buffer.concat(labels).map(lower), next: next ?? at };
}

/** Where a pointer leads, which must be back: so a name comes to an end. */
function readPointer(message: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) throw broken('a name runs past its end');
  const target = word(message, at) & 0x3fff;
  if (target >= at) throw broken('a name points forward');
  return target;
}

/** One label with its length. */
function readLabel(message: Uint8Array, at: number, limit: number): Uint8Array {
  const length = message[at] ?? 0;
  if (length > 63) throw broken('a label is of a kind that nobody uses');
  if (at + 1 + length > limit) throw broken('a name runs past its end');
  return message.subarray(at, at + 1 + length);
}

/** Lengths of labels are below 64 and thus never letters. */
const lower = (octet: number): number => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet);

function textOf(name: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 0; (name[at] ?? 0) !== 0; at += 1 + (name[at] ?? 0))
    labels.push(Buffer.from(name.subarray(at + 1, at + 1 + (name[at] ?? 0))).toString('latin1'));
  return labels.join('.') || '.';
}

const broken = (why: string): CheckFailure =>
  new CheckFailure('protocol', `the DNS message is broken: ${why}`);
