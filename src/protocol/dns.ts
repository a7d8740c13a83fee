import { decode, encode, RECURSION_DESIRED, type Answer, type DecodedPacket } from 'dns-packet';
import { CheckFailure } from '../core/failure.ts';
import type { DnsRecord, DnsReply, Question, Soa } from '../core/ports/dns.ts';
import { seconds, type Seconds } from '../core/time.ts';

export const HEADER_OCTETS = 12;
/** Type and class, which follow the name in a question. */
const QUESTION_TAIL = 4;
/** The smallest question (root name, type, class) and record (pointer or root, fixed part). */
const LEAST_QUESTION = 5;
const LEAST_RECORD = 11;

/** What a message says; who sent it, how and when is added by who received it. */
export type DnsMessage = Pick<DnsReply, 'rcode' | 'authoritative' | 'answers' | 'expiresIn'>;

/**
 * One question as a message (RFC 1035 section 4), with id 0: whoever sends it writes a random one
 * with `setId`.
 *
 * @throws CheckFailure `config` when the name cannot be asked: dns-packet itself would encode a label
 *   of more than 63 octets, a name of more than 255 or one beyond ASCII into something else.
 */
export function encodeQuestion({
  name,
  type,
  class: klass,
  recurse,
  expire,
}: Omit<Question, 'type'> & { readonly type: Question['type'] | 'AXFR' }): Uint8Array {
  if (!isName(name)) {
    throw new CheckFailure('config', `not a DNS name: ${JSON.stringify(name.slice(0, 80))}`);
  }
  return encode({
    type: 'query',
    id: 0,
    flags: recurse === true ? RECURSION_DESIRED : 0,
    questions: [{ name, type, class: klass ?? 'IN' }],
    ...(expire === true && { additionals: [EXPIRE_ASKED] }),
  });
}

/** RFC 7314: the empty option asks. */
const EXPIRE = 9;
/** The types of dns-packet lack this option; its codec takes any that has data. */
const EXPIRE_ASKED = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [{ code: EXPIRE, data: Buffer.alloc(0) }],
} as unknown as Answer;

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
export const isReplyTo = (query: Uint8Array, message: Uint8Array): boolean =>
  isPartOfReply(query, message) && (word(message, 4) !== 0 || (word(message, 2) & 0xf) !== 0);

/** As `isReplyTo`, for one message of several: all but the first may leave the question out (RFC 5936). */
export function isPartOfReply(query: Uint8Array, message: Uint8Array): boolean {
  if (message.length < HEADER_OCTETS || word(message, 0) !== word(query, 0)) return false;
  // The top bit says response; the next four, the opcode, must be 0 as in the query.
  if (word(message, 2) >>> 11 !== 0b10000) return false;
  const questions = word(message, 4);
  return questions === 0 || (questions === 1 && sameQuestion(query, message));
}

function sameQuestion(query: Uint8Array, message: Uint8Array): boolean {
  const nameEnd = endOfName(query);
  const end = nameEnd + QUESTION_TAIL;
  if (message.length < end) return false;
  for (let at = HEADER_OCTETS; at < end; at += 1) {
    const [ours, theirs] = [query[at] ?? 0, message[at] ?? 0];
    // Lengths of labels are below 64 and thus never letters; type and class must be exactly ours.
    if (at < nameEnd ? lower(ours) !== lower(theirs) : ours !== theirs) return false;
  }
  return true;
}

/** Behind the name in the question of a query of ours: it has no pointers. */
function endOfName(query: Uint8Array): number {
  let at = HEADER_OCTETS;
  while (at < query.length && query[at] !== 0) at += 1 + (query[at] ?? 0);
  return at + 1;
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
  const expiresIn = expiryIn(packet);
  return {
    rcode: rcodeOf(message),
    authoritative: packet.flag_aa,
    answers: (packet.answers ?? []).map(toRecord),
    ...(expiresIn !== undefined && { expiresIn }),
  };
}

/** The name of a message's rcode; the number as text where it has none. */
export const rcodeOf = (message: Uint8Array): string =>
  RCODES[word(message, 2) & 0xf] ?? String(word(message, 2) & 0xf);

/** RFC 7314: four octets, seconds; anything else is no such option. */
function expiryIn({ additionals = [] }: DecodedPacket): Seconds | undefined {
  const opt = additionals.find((each) => each.type === 'OPT');
  const options = (opt?.options ?? []) as readonly { code: unknown; data?: unknown }[];
  const data = options.find(({ code }) => code === EXPIRE)?.data;
  return Buffer.isBuffer(data) && data.length === 4 ? seconds(data.readUInt32BE()) : undefined;
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

export const word = (octets: Uint8Array, at: number): number =>
  ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
