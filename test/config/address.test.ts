import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../src/config/address.ts';

describe('the canonical form of an address', () => {
  it('is an address, and its own canonical form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), fc.ipV4()), (address) => {
        const once = canonical(address);
        expect(isIP(once)).not.toBe(0);
        expect(canonical(once)).toBe(once);
      }),
    );
  });

  it('is the same however the address is written', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const long = groups.map((each) => each.toString(16).padStart(4, '0').toUpperCase());
        const short = groups.map((each) => each.toString(16));
        expect(canonical(long.join(':'))).toBe(canonical(short.join(':')));
      }),
    );
  });

  it('keeps the interface of a link-local one', () => {
    expect(canonical('FE80::1%eth0')).toBe('fe80::1%eth0');
  });
});
