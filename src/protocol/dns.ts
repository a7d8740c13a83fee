import { decode, encode, RECURSION_DESIRED, type Answer, type DecodedPacket } from 'dns-packet';
import { CheckFailure } from '../core/failure.ts';
import type { DnsRecord, DnsReply, Question, Soa } from '../core/ports/dns.ts';
import { seconds } from '../core/time.ts';

const HEADER_OCTETS = 12;
/** Type and class, which follow the name in a question. */
const QUESTION_TAIL = 4;
/** The smallest question (root name, type, class) and record (pointer or root, fixed part). */
const LEAST_QUESTION = 5;
const LEAST_RECORD = 11;

/** What a message says; who sent it, how and when is added by who received it. */
export type DnsMessage = Pick<DnsReply, 'rcode' | 'authoritative' | 'answers'>;

/**
 * One question as a message (RFC 1035 section 4), with id 0: whoever sends it writes a random one
 * with `setId`.
 *
 * @throws CheckFailure `config` when the name cannot be asked: dns-packet itself would encode a label
 *   of more than 63 octets, a name of more than 255 or one beyond ASCII into something else.
 */
export function encodeQuestion({ name, type, class: klass, recurse }: Question): Uint8Array {
  if (!isName(name)) {
    throw new CheckFailure('config', `not a DNS name: ${JSON.stringify(name.slice(0, 80))}`);
  }
  return encode({
    type: 'query',
    id: 0,
    flags: recurse === true ? RECURSION_DESIRED : 0,
    questions: [{ name, type, class: klass ?? 'IN' }],
  });
}

// A backslash would escape (RFC 1035 section 5.1), which dns-packet does not know.
const LABEL = /^[!-[\]-~]{1,63}$/;

/** True for a name in ASCII within the limits of RFC 1035 section 2.3.4; a final dot is allowed. */
export function isName(name: string): boolean {
  if (name === '.') return true;
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  return bare.length <= 253 && bare.split('.').every((label) => LABEL.test(label));
}

/** Name equality as DNS has it: ASCII letters in either case, final dot or not (RFC 4343). */
export const sameName = (one: string, other: string): boolean =>
  canonical(one) === canonical(other);

const canonical = (name: string): string =>
  (name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();

/** Writes the id into a message, in place. */
export function setId(message: Uint8Array, id: number): void {
  message[0] = id >>> 8;
  message[1] = id & 0xff;
}

/** The id of a message; undefined when it is too short to have one. */
export const idOf = (message: Uint8Array): number | undefined =>
  message.length < HEADER_OCTETS ? undefined : word(message, 0);

/**
 * True when `message` is the response to exactly this query: its id, its opcode and its question, whose
 * name may come back in another case. A server that rejects the query may leave the question out.
 */
export function isReplyTo(query: Uint8Array, message: Uint8Array): boolean {
  if (message.length < HEADER_OCTETS || word(message, 0) !== word(query, 0)) return false;
  const flags = word(message, 2);
  // The top bit says response; the next four, the opcode, must be 0 as in the query.
  if (flags >>> 11 !== 0b10000) return false;
  const questions = word(message, 4);
  if (questions === 0) return (flags & 0xf) !== 0;
  return questions === 1 && sameQuestion(query, message);
}

function sameQuestion(query: Uint8Array, message: Uint8Array): boolean {
  if (message.length < query.length) return false;
  for (let at = HEADER_OCTETS; at < query.length; at += 1) {
    const [ours, theirs] = [query[at] ?? 0, message[at] ?? 0];
    // Lengths of labels are below 64 and thus never letters; type and class must be exactly ours.
    const equal =
      at < query.length - QUESTION_TAIL ? lower(ours) === lower(theirs) : ours === theirs;
    if (!equal) return false;
  }
  return true;
}

const lower = (octet: number): number => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet);

/** The TC flag: the answer did not fit into a datagram, and what there is may be cut anywhere. */
export const isTruncated = (message: Uint8Array): boolean => (word(message, 2) & 0x0200) !== 0;

/**
 * Reads a message.
 *
 * @throws CheckFailure `protocol` for everything that is not one whole DNS message.
 */
export function decodeMessage(message: Uint8Array): DnsMessage {
  refuseAmplification(message);
  let packet: DecodedPacket;
  try {
    packet = decode(Buffer.from(message.buffer, message.byteOffset, message.length));
  } catch (error) {
    throw new CheckFailure('protocol', 'not a DNS message', { cause: error });
  }
  // NaN when a record's inner length pointed past the end; the records after it are invented then.
  if (!(decode.bytes <= message.length)) {
    throw new CheckFailure('protocol', 'a record of the DNS message runs past its end');
  }
  return {
    rcode: RCODES[word(message, 2) & 0xf] ?? String(word(message, 2) & 0xf),
    authoritative: packet.flag_aa,
    answers: (packet.answers ?? []).map(toRecord),
  };
}

/**
 * dns-packet believes the counts of the header: 103 hostile octets make it build 65282 records. No
 * honest message counts more than would fit into it.
 */
function refuseAmplification(message: Uint8Array): void {
  if (message.length < HEADER_OCTETS) {
    throw new CheckFailure('protocol', 'DNS message is shorter than its header', {
      facts: { octets: message.length },
    });
  }
  const records = word(message, 6) + word(message, 8) + word(message, 10);
  const least = HEADER_OCTETS + word(message, 4) * LEAST_QUESTION + records * LEAST_RECORD;
  if (least > message.length) {
    throw new CheckFailure('protocol', 'DNS message counts more records than fit into it', {
      facts: { octets: message.length, records },
    });
  }
}

/** RFC 1035 section 4.1.1 and RFC 2136 section 2.2. */
const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
];

function toRecord(answer: Answer): DnsRecord {
  const { name } = answer;
  if (answer.type === 'SOA') return { type: 'SOA', name, soa: toSoa(answer.data) };
  if (answer.type === 'TXT') return { type: 'TXT', name, text: textOf(answer.data) };
  if (answer.type === 'A') return { type: 'A', name, address: answer.data };
  return { type: 'other', name };
}

type SoaData = Extract<Answer, { type: 'SOA' }>['data'];
// The numbers are optional only for encoding: decoded, they are all there.
type WholeSoaData = { [Field in keyof SoaData]-?: NonNullable<SoaData[Field]> };

function toSoa(data: SoaData): Soa {
  const { serial, refresh, retry, expire, minimum } = data as WholeSoaData;
  return {
    primary: data.mname,
    mailbox: data.rname,
    serial,
    refresh: seconds(refresh),
    retry: seconds(retry),
    expire: seconds(expire),
    minimum: seconds(minimum),
  };
}

/** The strings of a TXT record as one (RFC 1035 section 3.3.14). */
const textOf = (data: Extract<Answer, { type: 'TXT' }>['data']): string =>
  [data].flat().map(String).join('');

/** One message as it goes over TCP: after its own length in octets (RFC 1035 section 4.2.2). */
export function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(2 + message.length);
  new DataView(framed.buffer).setUint16(0, message.length);
  framed.set(message, 2);
  return framed;
}

/**
 * Takes the first message off a TCP byte stream, piece by piece; the length of 16 bits bounds what it
 * keeps. The returned function gives the message as soon as it is whole, undefined before.
 *
 * @throws CheckFailure `protocol` when the length is too small for a DNS header.
 */
export function frameReader(): (piece: Uint8Array) => Uint8Array | undefined {
  const pieces: Uint8Array[] = [];
  let have = 0;
  let need = 2;
  return (piece) => {
    pieces.push(piece);
    have += piece.length;
    if (have < need) return undefined;
    // Joined at most twice, so that a stream that comes octet by octet costs no square of copies.
    const stream = Buffer.concat(pieces.splice(0));
    pieces.push(stream);
    const octets = word(stream, 0);
    if (octets < HEADER_OCTETS) {
      throw new CheckFailure('protocol', 'DNS message is shorter than its header', {
        facts: { octets },
      });
    }
    need = 2 + octets;
    return have < need ? undefined : stream.subarray(2, need);
  };
}

const word = (octets: Uint8Array, at: number): number =>
  ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
