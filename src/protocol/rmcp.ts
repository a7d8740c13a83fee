/*
 * What a power controller (BMC) answers without a login: the presence ping of ASF over RMCP (DSP0136
 * sections 3.2.2.2, 3.2.4.1 and 3.2.4.2), and the first command of every IPMI session (IPMI 2.0 section 22.13, framed
 * as in 13.6). Neither opens a session or changes anything. Multi-octet numbers of RMCP and ASF are big-endian.
 */

/** UDP port of RMCP, "asf-rmcp". */
export const RMCP_PORT = 623;

const VERSION = 6;
/** Asks for no acknowledgement. */
const NO_ACK = 0xff;
const [ASF, IPMI] = [6, 7] as const;
const ASF_IANA = 4542;
const [PING, PONG] = [0x80, 0x40] as const;
const HEAD = 4;

/** A presence ping. @param tag 0 to 254; the pong repeats it. */
export function encodePresencePing(tag: number): Uint8Array {
  const message = Uint8Array.of(VERSION, 0, NO_ACK, ASF, 0, 0, 0, 0, PING, tag, 0, 0);
  new DataView(message.buffer).setUint32(HEAD, ASF_IANA);
  return message;
}

/** Whether the controller that answered says that it also speaks IPMI; undefined: it is no pong to that ping. */
export function readPresencePong(
  octets: Uint8Array,
  tag: number,
): { readonly ipmi: boolean } | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (!isRmcp(octets, ASF) || octets.length < 28) return undefined;
  if (view.getUint32(HEAD) !== ASF_IANA || octets[8] !== PONG || octets[9] !== tag)
    return undefined;
  if ((octets[11] ?? 0) < 16) return undefined;
  return { ipmi: ((octets[20] ?? 0) & 0x80) !== 0 };
}

const isRmcp = (octets: Uint8Array, kind: number): boolean =>
  octets[0] === VERSION && ((octets[3] ?? 0) & 0x1f) === kind;

const [BMC, SOFTWARE] = [0x20, 0x81] as const;
/** Network function "application", for requests; its answers have one more. */
const [REQUEST, RESPONSE] = [0x18, 0x1c] as const;
const AUTH_CAPABILITIES = 0x38;
/** This channel; the high bit asks for what IPMI 2.0 knows besides. */
const THIS_CHANNEL = 0x8e;
const ADMINISTRATOR = 4;
/** Authentication type none, sequence and session 0: before any session. */
const OUTSIDE_SESSIONS = [0, 0, 0, 0, 0, 0, 0, 0, 0] as const;

/** Get Channel Authentication Capabilities. @param sequence 0 to 63; the answer repeats it. */
export function encodeAuthCapabilities(sequence: number): Uint8Array {
  const to = [BMC, REQUEST];
  const asked = [SOFTWARE, sequence << 2, AUTH_CAPABILITIES, THIS_CHANNEL, ADMINISTRATOR];
  const message = [...to, checksum(to), ...asked, checksum(asked)];
  return Uint8Array.of(
    ...[VERSION, 0, NO_ACK, IPMI],
    ...OUTSIDE_SESSIONS,
    message.length,
    ...message,
  );
}

/** Two's complement of the sum: with it the octets add up to 0 (IPMI 2.0 section 13.8). */
const checksum = (octets: readonly number[]): number =>
  -octets.reduce((sum, octet) => sum + octet, 0) & 0xff;

/**
 * What answers to that command: its completion code, 0 for well. Any code proves that a BMC speaks; undefined:
 * it is no answer to it.
 */
export function readAuthCapabilities(
  octets: Uint8Array,
  sequence: number,
): { readonly code: number } | undefined {
  const start = HEAD + OUTSIDE_SESSIONS.length + 1;
  const message = octets.subarray(start, start + (octets[start - 1] ?? 0));
  const [, kind, , , numbered = 0, command, code] = message;
  const isAnswer =
    isRmcp(octets, IPMI) &&
    octets[HEAD] === 0 &&
    kind === RESPONSE &&
    command === AUTH_CAPABILITIES;
  if (!isAnswer || numbered >> 2 !== sequence || code === undefined) return undefined;
  const sums = [message.subarray(0, 3), message.subarray(3)];
  return sums.every((part) => checksum([...part]) === 0) ? { code } : undefined;
}
