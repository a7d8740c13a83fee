import { CheckFailure } from '../core/failure.ts';

/*
 * TFTP (RFC 1350), as far as one block of a file is read: the request, and what may answer it. Options
 * (RFC 2347) are never asked for; that a server sends them all the same is seen.
 */

/** What a server may send to somebody who reads. */
export type TftpAnswer =
  | { readonly kind: 'data'; readonly block: number; readonly bytes: Uint8Array }
  | { readonly kind: 'error'; readonly code: number; readonly says: string }
  /** RFC 2347: agreed options, by their names in lower case. */
  | { readonly kind: 'options'; readonly options: Readonly<Record<string, string>> };

const RRQ = 1;
const DATA = 3;
const ERROR = 5;
const OACK = 6;

/** What a block holds unless another size was agreed on; a shorter one is the last. */
export const BLOCK = 512;

/** RFC 1350 section 5: no such file. */
export const NO_SUCH_FILE = 1;

/** Asks for a file, as it is (`octet`). @throws CheckFailure `config` when its name cannot be sent. */
export function readRequest(file: string): Uint8Array {
  if (file.length === 0 || file.includes('\0'))
    throw new CheckFailure('config', `a file for TFTP needs a name without NUL, found "${file}"`);
  return Buffer.concat([opcode(RRQ), Buffer.from(`${file}\0octet\0`)]);
}

/** Ends a transfer from our side: code 0, "not defined", with a message (RFC 1350 section 5). */
export const abort = (says: string): Uint8Array =>
  Buffer.concat([
    opcode(ERROR),
    Buffer.from([0, 0]),
    Buffer.from(`${says.replaceAll('\0', ' ')}\0`),
  ]);

/** @throws CheckFailure `protocol` when it is nothing that a TFTP server sends. */
export function readAnswer(datagram: Uint8Array): TftpAnswer {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const kind = bytes.length < 4 ? undefined : bytes.readUInt16BE(0);
  if (kind === DATA) return dataOf(bytes);
  if (kind === ERROR)
    return {
      kind: 'error',
      code: bytes.readUInt16BE(2),
      says: textsOf(bytes.subarray(4))[0] ?? '',
    };
  if (kind === OACK) return { kind: 'options', options: optionsOf(bytes.subarray(2)) };
  const begins = bytes.subarray(0, 8).toString('hex');
  throw new CheckFailure(
    'protocol',
    `${bytes.length} bytes that are no TFTP answer${begins === '' ? '' : ` (${begins}…)`}`,
  );
}

function dataOf(bytes: Buffer): TftpAnswer {
  if (bytes.length > 4 + BLOCK)
    throw new CheckFailure(
      'protocol',
      `a TFTP block of ${bytes.length - 4} bytes, expected at most ${BLOCK}`,
    );
  return { kind: 'data', block: bytes.readUInt16BE(2), bytes: bytes.subarray(4) };
}

function optionsOf(bytes: Buffer): Readonly<Record<string, string>> {
  const texts = textsOf(bytes);
  const pairs = texts.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), texts[index + 1] ?? ''] as const] : [],
  );
  return Object.fromEntries(pairs);
}

/** Texts, each with a NUL behind it; a last one may lack that. */
const textsOf = (bytes: Buffer): readonly string[] => {
  const texts = bytes.toString('utf8').split('\0');
  return texts.at(-1) === '' ? texts.slice(0, -1) : texts;
};

const opcode = (code: number): Uint8Array => Buffer.from([0, code]);
