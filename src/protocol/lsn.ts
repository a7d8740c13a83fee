import { CheckFailure } from '../core/failure.ts';

/** The number of bits of a position in the write-ahead log. */
const BITS = 64;

/**
 * Reads a position in PostgreSQL's write-ahead log, in bytes since its beginning, from its text form:
 * the upper and the lower 32 bits in hexadecimal (`pg_lsn`, PostgreSQL manual section 8.20). Contiguous
 * since 9.3, so that positions may be subtracted.
 *
 * @throws CheckFailure `protocol` when the text is no such position.
 */
export function parseLsn(text: string): bigint {
  const found = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (found === null) {
    throw new CheckFailure('protocol', 'the server gave a text that is no WAL position', {
      facts: { text: text.slice(0, 40) },
    });
  }
  const [, upper = '', lower = ''] = found;
  return (BigInt(`0x${upper}`) << 32n) | BigInt(`0x${lower}`);
}

/** The text form of a position, as PostgreSQL writes it. */
export function formatLsn(lsn: bigint): string {
  const bits = BigInt.asUintN(BITS, lsn);
  const hex = (part: bigint): string => part.toString(16).toUpperCase();
  return `${hex(bits >> 32n)}/${hex(bits & 0xffff_ffffn)}`;
}

/** From one position to another in bytes; negative when `to` is the earlier one. Exact below 2^53. */
export const bytesBetween = (from: bigint, to: bigint): number => Number(to - from);

/**
 * The timeline that a WAL file belongs to: the first eight of the 24 hexadecimal digits of its name.
 *
 * @throws CheckFailure `protocol` when the text is not the name of a WAL file.
 */
export function walFileTimeline(name: string): number {
  if (!/^[0-9A-F]{24}$/i.test(name)) {
    throw new CheckFailure('protocol', 'the server gave a text that is no WAL file name', {
      facts: { text: name.slice(0, 40) },
    });
  }
  return Number.parseInt(name.slice(0, 8), 16);
}
