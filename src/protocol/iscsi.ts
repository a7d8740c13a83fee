import { CheckFailure } from '../core/failure.ts';

/*
 * iSCSI (RFC 7143), as far as a discovery session goes: log in, ask what targets there are, log out.
 * One connection, no digests; all numbers are big-endian.
 */

const HEADER = 48;
/** RFC 7143 section 13.12: what each side must be able to take while logging in. */
const MOST_DATA = 8192;
const RESERVED_TAG = 0xffff_ffff;

const OPCODES = { login: 0x03, text: 0x04, logout: 0x06 } as const;
const ANSWERS: Readonly<Record<number, IscsiAnswer['kind']>> = {
  0x20: 'nop',
  0x23: 'login',
  0x24: 'text',
  0x26: 'logout',
  0x32: 'async',
  0x3f: 'reject',
};
/** Not in the order of commands (RFC 7143 section 11.2.1.1). */
const IMMEDIATE = 0x40;
const FINAL = 0x80;
const CONTINUES = 0x40;
/** Section 11.12.3: from negotiating operational parameters (1) right into the full feature phase (3). */
const STAGES = (1 << 2) | 3;

/** What a portal sends; texts are the keys and values of its data. */
export interface IscsiAnswer {
  readonly kind: 'login' | 'text' | 'logout' | 'nop' | 'async' | 'reject';
  /** Of a login: it has come to the full feature phase. Of a text: nothing follows it. */
  readonly isFinal: boolean;
  /** The text goes on in the next answer. */
  readonly continues: boolean;
  /** Section 11.13.5, of a login; 0 = success. */
  readonly statusClass: number;
  readonly statusDetail: number;
  /** By which the next request about the same names it. */
  readonly transferTag: number;
  readonly statSn: number;
  readonly data: Uint8Array;
}

/** Counters that the initiator keeps (section 4.2.2.1). */
export interface Counters {
  readonly commandSn: number;
  /** The next one that is expected of the portal. */
  readonly expStatSn: number;
}

/** The session's identifier, and our one connection in it (sections 11.12.5 and 11.12.7). */
const ISID = [0x80, 0x6d, 0x61, 0x61, 0, 0];
const TASK = 1;

/** Asks to be let in, in one step, to look at what there is. */
export const loginRequest = (initiator: string, { commandSn, expStatSn }: Counters): Uint8Array => {
  const pdu = request(
    OPCODES.login | IMMEDIATE,
    FINAL | STAGES,
    encodePairs([
      ['InitiatorName', initiator],
      ['SessionType', 'Discovery'],
      ['HeaderDigest', 'None'],
      ['DataDigest', 'None'],
      ['MaxRecvDataSegmentLength', String(MOST_DATA)],
    ]),
  );
  Buffer.from(ISID).copy(pdu, 8);
  return counted(pdu, { commandSn, expStatSn });
};

/** Asks for all targets; with a tag, for what is still to come of them. */
export const sendTargets = (counters: Counters, transferTag = RESERVED_TAG): Uint8Array => {
  const pairs =
    transferTag === RESERVED_TAG ? encodePairs([['SendTargets', 'All']]) : Buffer.alloc(0);
  const pdu = request(OPCODES.text | IMMEDIATE, FINAL, pairs);
  pdu.writeUInt32BE(transferTag, 20);
  return counted(pdu, counters);
};

/** Ends the session (reason 0). */
export const logoutRequest = (counters: Counters): Uint8Array =>
  counted(request(OPCODES.logout | IMMEDIATE, FINAL, Buffer.alloc(0)), counters);

function request(opcode: number, flags: number, data: Uint8Array): Buffer {
  const pdu = Buffer.alloc(HEADER + padded(data.length));
  pdu[0] = opcode;
  pdu[1] = flags;
  pdu.writeUIntBE(data.length, 5, 3);
  pdu.writeUInt32BE(TASK, 16);
  pdu.set(data, HEADER);
  return pdu;
}

function counted(pdu: Buffer, { commandSn, expStatSn }: Counters): Uint8Array {
  pdu.writeUInt32BE(commandSn >>> 0, 24);
  pdu.writeUInt32BE(expStatSn >>> 0, 28);
  return pdu;
}

const padded = (length: number): number => Math.ceil(length / 4) * 4;

/**
 * The first whole answer in what has come, and what follows it; undefined while more is needed.
 *
 * @throws CheckFailure `protocol` when it is nothing that an iSCSI portal sends.
 */
export function readAnswer(
  heard: Uint8Array,
): { readonly answer: IscsiAnswer; readonly rest: Uint8Array } | undefined {
  if (heard.length === 0) return undefined;
  const bytes = Buffer.from(heard.buffer, heard.byteOffset, heard.byteLength);
  const kind = kindOf(bytes);
  if (bytes.length < HEADER) return undefined;
  const begin = HEADER + bytes.readUInt8(4) * 4;
  const length = bytes.readUIntBE(5, 3);
  if (length > MOST_DATA)
    throw new CheckFailure(
      'protocol',
      `an iSCSI answer of ${length} bytes, expected at most ${MOST_DATA}`,
    );
  const end = begin + padded(length);
  if (bytes.length < end) return undefined;
  const data = bytes.subarray(begin, begin + length);
  return { answer: { kind, ...fieldsOf(bytes, kind), data }, rest: bytes.subarray(end) };
}

function kindOf(bytes: Buffer): IscsiAnswer['kind'] {
  const kind = ANSWERS[bytes.readUInt8(0) & 0x3f];
  if (kind === undefined)
    throw new CheckFailure(
      'protocol',
      `no iSCSI answer: it begins with ${bytes.subarray(0, 8).toString('hex')}`,
    );
  return kind;
}

function fieldsOf(header: Buffer, kind: IscsiAnswer['kind']): Omit<IscsiAnswer, 'kind' | 'data'> {
  const flags = header.readUInt8(1);
  const isLogin = kind === 'login';
  return {
    isFinal: (flags & FINAL) !== 0,
    continues: (flags & CONTINUES) !== 0,
    statusClass: isLogin ? header.readUInt8(36) : 0,
    statusDetail: isLogin ? header.readUInt8(37) : 0,
    transferTag: header.readUInt32BE(20),
    statSn: header.readUInt32BE(24),
  };
}

/** Keys and values as they are sent, each with a NUL behind it (section 6.1). */
export const encodePairs = (pairs: readonly (readonly [string, string])[]): Uint8Array =>
  Buffer.from(pairs.map(([key, value]) => `${key}=${value}\0`).join(''));

/** Keys and values in their order: keys may come more than once. What has no `=` is left out. */
export const decodePairs = (data: Uint8Array): readonly (readonly [string, string])[] =>
  Buffer.from(data)
    .toString('utf8')
    .split('\0')
    .flatMap((each) => {
      const at = each.indexOf('=');
      return at < 1 ? [] : [[each.slice(0, at), each.slice(at + 1)] as const];
    });
