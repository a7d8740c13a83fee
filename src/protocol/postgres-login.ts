import { CheckFailure } from '../core/failure.ts';
import type { Dialogue, Step } from '../core/ports/exchange.ts';

/*
 * The beginning of a log-in (PostgreSQL manual section 55.2.1), and no more of it: who it is, and what is said to
 * that. No password is ever sent, so nobody is ever logged in who needs one.
 */

/** What a server, or a pgpool before it, says to somebody of that name from this address. */
export type LoginAnswer =
  /** It asks for the password, or needs none: who has it gets in. */
  | { readonly is: 'let in' }
  /** By pg_hba.conf or pool_hba.conf: not from this address, or not this role. */
  | { readonly is: 'refused'; readonly says: string }
  /** An error that says nothing about who may come: it starts up, or is full. */
  | { readonly is: 'busy'; readonly says: string };

const VERSION = 3 << 16;
const HEADER = 5;
/** An honest error has some hundred octets. */
const LONGEST = 32_768;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A startup message: length (which counts itself), version, names and values, each ended by NUL. */
function startup(user: string, database: string): Uint8Array {
  const body = encode(`user\0${user}\0database\0${database}\0\0`);
  const message = new Uint8Array(8 + body.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length);
  view.setUint32(4, VERSION);
  message.set(body, 8);
  return message;
}

/** `X`: the client leaves. */
const TERMINATE = Uint8Array.of(0x58, 0, 0, 0, 4);

/** Announces a role to a database, hears what comes of it, and leaves. */
export const announceLogin = (user: string, database: string): Dialogue<LoginAnswer> => ({
  protocol: 'PostgreSQL',
  opening: startup(user, database),
  maxBytes: LONGEST,
  step: readAnswer,
});

/** @throws CheckFailure `protocol` for what no server says first. */
function readAnswer(heard: Uint8Array): Step<LoginAnswer> | undefined {
  if (heard.length < HEADER) return undefined;
  const type = String.fromCharCode(heard[0] ?? 0);
  const length = new DataView(heard.buffer, heard.byteOffset).getUint32(1);
  if (!'REN'.includes(type) || length < 4 || length > LONGEST - 1)
    throw new CheckFailure(
      'protocol',
      'what answers a log-in there is no PostgreSQL and no pgpool',
    );
  if (heard.length < 1 + length) return undefined;
  const body = heard.subarray(HEADER, 1 + length);
  const rest = heard.subarray(1 + length);
  // A notice comes before what it is about.
  if (type === 'N') return { rest };
  return { rest, send: TERMINATE, result: type === 'R' ? { is: 'let in' } : readError(body) };
}

/** Class 28 of the error codes is about who may come; pgpool says so in words only (XX000). */
function readError(body: Uint8Array): LoginAnswer {
  const fields = new Map(
    new TextDecoder()
      .decode(body)
      .split('\0')
      .filter((field) => field !== '')
      .map((field) => [field.charAt(0), field.slice(1)]),
  );
  const [code, message = '', detail] = ['C', 'M', 'D'].map((key) => fields.get(key));
  const says = [message, detail].filter((each) => each !== undefined).join(': ');
  const isRefusal = code?.startsWith('28') === true || /pool_hba|pg_hba/.test(says);
  return { is: isRefusal ? 'refused' : 'busy', says };
}
