import { CheckFailure } from '../core/failure.ts';

/*
 * DHCP over IPv4, as far as a monitor asks: what a client says that takes no lease, and what servers
 * answer (RFC 2131, options RFC 2132, long options RFC 3396).
 */

/** A client's broadcasts go to this port (RFC 2131 section 4.1). */
export const SERVER_PORT = 67;
/** Servers answer to this port, whatever port was asked from. */
export const CLIENT_PORT = 68;

const FIXED = 236;
const MAGIC = 0x63_82_53_63;
/** Some relays and servers drop what is shorter: the length of BOOTP (RFC 1542 section 2.1). */
const LEAST = 300;

const [SUBNET_MASK, ROUTERS, DNS, LEASE, OVERLOAD, TYPE, SERVER, WANTED, CLIENT] = [
  1, 3, 6, 51, 52, 53, 54, 55, 61,
] as const;

const TYPES = { discover: 1, inform: 8 } as const;
const REPLIES: Readonly<Record<number, DhcpReply['type']>> = { 2: 'offer', 5: 'ack', 6: 'nak' };

/**
 * More seconds than a pair of failover servers shares the load of: from then on either one answers
 * ("load balance max seconds", which MAAS sets to 3).
 */
const SECONDS_WAITED = 10;
const BROADCAST_FLAG = 0x80_00;

/**
 * A question that takes no lease: `discover` (what would I be given?) or `inform` (what is handed out
 * here to somebody who has the address already?). Its transaction id is 0 until `setTransaction`.
 *
 * @param own the address and MAC of the interface that it leaves by. There is no client identifier: a
 *   server then knows the machine by its MAC alone, and offers what it may hold for that already.
 */
export function encodeQuestion(
  type: keyof typeof TYPES,
  own: { readonly address: string; readonly mac: Uint8Array },
): Uint8Array {
  const message = new Uint8Array(LEAST);
  const view = new DataView(message.buffer);
  message.set([1, 1, own.mac.length]);
  view.setUint16(8, SECONDS_WAITED);
  // Offers are of an address that this machine does not have: only a broadcast reaches it.
  if (type === 'discover') view.setUint16(10, BROADCAST_FLAG);
  else message.set(own.address.split('.').map(Number), 12);
  message.set(own.mac, 28);
  view.setUint32(FIXED, MAGIC);
  message.set([TYPE, 1, TYPES[type]], FIXED + 4);
  message.set([WANTED, 5, SUBNET_MASK, ROUTERS, DNS, LEASE, SERVER, 255], FIXED + 7);
  return message;
}

/** Writes the transaction id into a question. @param id 32 bits. */
export const setTransaction = (question: Uint8Array, id: number): void => {
  new DataView(question.buffer, question.byteOffset).setUint32(4, id);
};

/** Whether these octets answer that question: same transaction, same machine (RFC 2131 section 4.1). */
export const isReplyTo = (question: Uint8Array, octets: Uint8Array): boolean =>
  octets.length >= FIXED + 4 &&
  octets[0] === 2 &&
  [4, 5, 6, 7, 28, 29, 30, 31, 32, 33].every((at) => octets[at] === question[at]);

/** What a server answers. Addresses as text. */
export interface DhcpReply {
  /** `other`: nothing that answers such a question, or plain BOOTP. */
  readonly type: 'offer' | 'ack' | 'nak' | 'other';
  /** The address that is offered; absent in an answer to `inform`. */
  readonly offered?: string;
  /** The agent that passed it on from another segment; absent where the server is on this one. */
  readonly relay?: string;
  /** Server identifier, option 54. */
  readonly server?: string;
  readonly subnetMask?: string;
  readonly routers: readonly string[];
  readonly dns: readonly string[];
  readonly leaseSeconds?: number;
  /** Client identifier, option 61, that some servers repeat (RFC 6842). */
  readonly client?: Uint8Array;
}

/**
 * Reads an answer.
 *
 * @throws CheckFailure `protocol` when it is no DHCP message, or an option reaches over its field's end or
 *   has a length that its kind cannot have.
 */
export function decodeReply(octets: Uint8Array): DhcpReply {
  if (octets.length < FIXED + 4) throw broken(`${octets.length} octets are too few`);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (octets[0] !== 2) throw broken('it is no answer of a server');
  if (view.getUint32(FIXED) !== MAGIC) throw broken('no options of DHCP are in it');
  const options = allOptions(octets);
  const [type] = whole(options, TYPE, 1) ?? [];
  const lease = whole(options, LEASE, 4);
  const client = options.get(CLIENT);
  return {
    type: REPLIES[type ?? 0] ?? 'other',
    ...named('offered', someAddress(octets, 16)),
    ...named('relay', someAddress(octets, 24)),
    ...named('server', addresses(options, SERVER, 4)[0]),
    ...named('subnetMask', addresses(options, SUBNET_MASK, 4)[0]),
    routers: addresses(options, ROUTERS),
    dns: addresses(options, DNS),
    ...named('leaseSeconds', lease && new DataView(lease.buffer).getUint32(0)),
    ...named('client', client),
  };
}

const named = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>;

type Options = ReadonlyMap<number, Uint8Array>;

/** The options field, then the fields that it says to hold more (option 52), in the order of RFC 2131 4.1. */
function allOptions(octets: Uint8Array): Options {
  const options = new Map<number, Uint8Array>();
  collect(octets.subarray(FIXED + 4), options);
  const [overload = 0] = whole(options, OVERLOAD, 1) ?? [];
  if ((overload & 1) !== 0) collect(octets.subarray(108, FIXED), options);
  if ((overload & 2) !== 0) collect(octets.subarray(44, 108), options);
  return options;
}

/** Takes options out of one field; what has the same code belongs together (RFC 3396). */
function collect(field: Uint8Array, into: Map<number, Uint8Array>): void {
  let at = 0;
  for (;;) {
    const code = field[at];
    // A field that ends without its end mark: nothing is lost by that.
    if (code === undefined || code === 255) return;
    at += 1;
    if (code === 0) continue;
    const length = field[at];
    if (length === undefined || at + 1 + length > field.length)
      throw broken(`option ${code} reaches over the end`);
    const value = field.subarray(at + 1, at + 1 + length);
    const before = into.get(code) ?? new Uint8Array();
    into.set(code, Uint8Array.of(...before, ...value));
    at += 1 + length;
  }
}

/** An option of a known length; undefined where it is absent. */
function whole(options: Options, code: number, length: number): Uint8Array | undefined {
  const value = options.get(code);
  if (value !== undefined && value.length !== length)
    throw broken(`option ${code} has ${value.length} octets`);
  return value;
}

function addresses(options: Options, code: number, length?: number): readonly string[] {
  const value = options.get(code) ?? new Uint8Array();
  if (value.length % 4 !== 0 || (length !== undefined && ![0, length].includes(value.length)))
    throw broken(`option ${code} has ${value.length} octets`);
  return Array.from({ length: value.length / 4 }, (_, index) => address(value, index * 4));
}

const address = (octets: Uint8Array, at: number): string => octets.subarray(at, at + 4).join('.');

/** A field of the head that is 0.0.0.0 says nothing. */
const someAddress = (octets: Uint8Array, at: number): string | undefined => {
  const found = address(octets, at);
  return found === '0.0.0.0' ? undefined : found;
};

const broken = (why: string): CheckFailure => new CheckFailure('protocol', `DHCP: ${why}`);
