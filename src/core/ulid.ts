import type { Instant } from './time.ts';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const CHANCE_DIGITS = 16;

/**
 * A ULID (github.com/ulid/spec): 48 bits of time and 80 of chance in 26 digits of Crockford's base 32,
 * so that ids sort by the moment at which they were made.
 *
 * @param chance at least ten random bytes
 */
export function ulid(now: Instant, chance: Uint8Array): string {
  let time = Math.max(0, Math.floor(now));
  let front = '';
  for (let digit = 0; digit < TIME_DIGITS; digit += 1) {
    front = (DIGITS[time % 32] ?? '0') + front;
    time = Math.floor(time / 32);
  }
  let bits = 0n;
  for (const byte of chance.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let back = '';
  for (let digit = 0; digit < CHANCE_DIGITS; digit += 1) {
    back = (DIGITS[Number(bits & 31n)] ?? '0') + back;
    bits >>= 5n;
  }
  return front + back;
}
