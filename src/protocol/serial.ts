const HALF = 0x8000_0000;

/**
 * Distance from DNS zone serial `from` to `to`, in zone versions: positive when `to` is newer,
 * negative when it is older. Serials are unsigned 32-bit and wrap (RFC 1982 section 3.2), so that
 * MAAS's step from 4294967295 to 1 (its sequence leaves 0 out) is +2.
 *
 * @returns undefined when the two are exactly 2^31 apart: the RFC leaves their order open.
 * @throws RangeError when either is not an unsigned 32-bit integer.
 */
export function serialDistance(from: number, to: number): number | undefined {
  for (const serial of [from, to]) {
    if (serial >>> 0 !== serial) throw new RangeError(`not a 32-bit serial: ${serial}`);
  }
  const ahead = (to - from) >>> 0;
  if (ahead === HALF) return undefined;
  return ahead < HALF ? ahead : ahead - 2 * HALF;
}
