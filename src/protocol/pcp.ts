import { createHash } from 'node:crypto';
import { CheckFailure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';

/*
 * PCP, the control protocol of pgpool-II (its source: src/pcp_con/, src/libs/pcp/). Framing and login are
 * the same from 3.3 to 4.7. Pairs of 3.3, 3.4, 3.5, 3.7, 4.1, 4.2, 4.3, 4.4 and 4.6 were run and recorded;
 * 3.6, 4.0, 4.5 and 4.7 were only read.
 */

/** One message of either side: its letter and what follows the length. */
export interface PcpFrame {
  readonly type: string;
  readonly body: Uint8Array;
}

/** Far above what two hundred watchdog members need; an endless or foreign stream ends here. */
export const MAX_FRAME_OCTETS = 64 * 1024;

/** A letter, then the length: an unsigned 32-bit big-endian integer that counts itself and the body. */
const LENGTH_OCTETS = 4;
const HEADER_OCTETS = 1 + LENGTH_OCTETS;

export function encodeFrame({ type, body }: PcpFrame): Uint8Array {
  const frame = new Uint8Array(HEADER_OCTETS + body.length);
  frame[0] = type.charCodeAt(0);
  new DataView(frame.buffer).setUint32(1, LENGTH_OCTETS + body.length);
  frame.set(body, HEADER_OCTETS);
  return frame;
}

/**
 * Takes the first complete frame off a byte stream.
 *
 * @returns the frame and what follows it, or `undefined` while it is still incomplete.
 * @throws CheckFailure `protocol` when the length is smaller than itself or larger than 64 KiB.
 */
export function takeFrame(
  stream: Uint8Array,
): { readonly message: PcpFrame; readonly rest: Uint8Array } | undefined {
  if (stream.length < HEADER_OCTETS) return undefined;
  const length = new DataView(stream.buffer, stream.byteOffset).getUint32(1);
  if (length < LENGTH_OCTETS || length > MAX_FRAME_OCTETS) {
    throw new CheckFailure('protocol', `PCP frame with an impossible length of ${length} octets`);
  }
  const end = 1 + length;
  if (stream.length < end) return undefined;
  const type = String.fromCharCode(stream[0] ?? 0);
  return {
    message: { type, body: new Uint8Array(stream.subarray(HEADER_OCTETS, end)) },
    rest: stream.subarray(end),
  };
}

const utf8 = new TextDecoder();

/** The strings of a body, each of which ends in a zero octet; an unfinished last one counts too. */
export function strings(body: Uint8Array): readonly string[] {
  const parts = utf8.decode(body).split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

const encoder = new TextEncoder();

/** Strings as a body: each followed by a zero octet. */
const joined = (...parts: readonly string[]): Uint8Array =>
  encoder.encode(parts.map((part) => `${part}\0`).join(''));

/** A question, and how its answer is read. */
export interface PcpRequest<Answer> {
  /** For messages: `PCP node info`. */
  readonly what: string;
  readonly bytes: Uint8Array;
  /**
   * The answer that these frames make up; `undefined` while more must follow.
   *
   * @throws CheckFailure `protocol`, `auth` or `version`.
   */
  readonly read: (frames: readonly PcpFrame[]) => Answer | undefined;
}

/** A request by its letter and its strings; pgpool refuses bodies of more than 255 octets. */
export function request<Answer>(
  what: string,
  type: string,
  body: readonly string[],
  read: PcpRequest<Answer>['read'],
): PcpRequest<Answer> {
  return {
    what,
    bytes: encodeFrame({ type, body: joined(...body) }),
    read: (frames) => {
      const error = frames.find((frame) => frame.type === 'E' || frame.type === 'e');
      if (error !== undefined) throw refusal(what, error);
      const stranger = frames.find((frame) => frame.type !== type.toLowerCase());
      if (stranger !== undefined) throw unexpected(what, stranger);
      return read(frames);
    },
  };
}

export const unexpected = (what: string, frame: PcpFrame): CheckFailure =>
  new CheckFailure(
    'protocol',
    `${what}: unexpected answer ${printable(frame.type)} "${printable(strings(frame.body).join(' '), 80)}"`,
  );

/**
 * An error as pgpool sends it: `E` with the letter-tagged fields of PostgreSQL's protocol (S severity, M
 * message, D detail), in 3.3 and 3.4 `e` with plain text.
 */
function refusal(what: string, { type, body }: PcpFrame): CheckFailure {
  const parts = strings(body);
  const field = (letter: string): string | undefined =>
    parts.find((part) => part.startsWith(letter))?.slice(1);
  const said = type === 'e' ? parts : [field('M'), field('D')].filter((part) => part !== undefined);
  return new CheckFailure('protocol', `${what}: ${printable(said.join(': '))}`, {
    facts: {
      answered: true,
      fatal: type === 'E' && field('S') === 'FATAL',
      ...(type === 'e' ? { plain: true } : {}),
    },
  });
}

/** Asks for the salt that the login is made with. */
export const saltRequest = request('PCP salt', 'M', [], ([frame]) => {
  if (frame === undefined) return undefined;
  if (frame.body.length !== 4) throw unexpected('PCP salt', frame);
  return frame.body;
});

/** Logs in; every error that pgpool answers it with is `auth` (it cannot be told which of the two is wrong). */
export function loginRequest(user: string, password: string, salt: Uint8Array): PcpRequest<true> {
  const login = request('PCP login', 'R', [user, loginDigest(user, password, salt)], ([frame]) => {
    if (frame === undefined) return undefined;
    const [verdict, why] = strings(frame.body);
    if (verdict === 'AuthenticationOK') return true;
    // 3.3 says no with an ordinary answer.
    if (verdict === 'AuthenticationFailed')
      throw new CheckFailure('auth', `PCP login: ${printable(why ?? verdict)}`);
    throw unexpected('PCP login', frame);
  });
  return { ...login, read: (frames) => asAuth(() => login.read(frames)) };
}

function asAuth<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof CheckFailure && error.facts['answered'] === true)
      throw new CheckFailure('auth', error.message, { cause: error, facts: error.facts });
    throw error;
  }
}

const md5 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/**
 * The proof of the password: md5(md5(md5(password) + user) + salt), every md5 as lower-case hex text,
 * the salt as its four raw octets.
 */
export const loginDigest = (user: string, password: string, salt: Uint8Array): string =>
  md5(md5(md5(password), user), salt);

/** Says goodbye; pgpool closes without an answer. */
export const FAREWELL = encodeFrame({ type: 'X', body: new Uint8Array() });
