import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { cidrOf, reverseZones } from '../../../src/analysis/dns/reverse.ts';

const many = (from: number, to: number, name: (each: number) => string): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, each) => name(from + each));

describe('reverseZones', () => {
  // From MAAS's own functions.
  test.each<readonly [string, 1 | 2, readonly string[]]>([
    ['10.1.2.0/24', 1, ['2.1.10.in-addr.arpa']],
    ['10.1.16.0/20', 1, ['1.10.in-addr.arpa']],
    ['1111:11::/64', 1, ['0.0.0.0.0.0.0.0.1.1.0.0.1.1.1.1.ip6.arpa']],
    ['172.31.16.0/24', 2, ['16.31.172.in-addr.arpa']],
    ['10.1.16.0/20', 2, many(16, 31, (each) => `${each}.1.10.in-addr.arpa`)],
    ['172.31.16.0/23', 2, ['16.31.172.in-addr.arpa', '17.31.172.in-addr.arpa']],
    ['192.168.5.64/26', 2, ['64-26.5.168.192.in-addr.arpa']],
    ['2001:db8::/62', 2, many(0, 3, (each) => `${each}.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa`)],
    ['10.0.0.0/8', 2, ['10.in-addr.arpa']],
  ])('%s in generation %d', (cidr, generation, zones) => {
    expect(reverseZones(cidr, generation)).toEqual(zones);
  });

  it('takes an address within the network for the network', () => {
    expect(reverseZones('10.1.31.7/20', 1)).toEqual(['1.10.in-addr.arpa']);
    expect(reverseZones('10.1.31.7/20', 2)).toHaveLength(16);
    expect(reverseZones('10.1.31.7/20', 2)[0]).toBe('16.1.10.in-addr.arpa');
  });

  test.each(['', 'nonsense', '10.1.2.0', '10.1.2.0/33', '10.1.2.999/24', ':::/64', '1::2::3/64'])(
    'knows no zone of %j',
    (cidr) => {
      expect([...reverseZones(cidr, 1), ...reverseZones(cidr, 2)]).toEqual([]);
    },
  );

  test.each(['0.0.0.0/0', '::/0', '2001:db8::1/128'])('has none of its own for %s', (cidr) => {
    expect(reverseZones(cidr, 2)).toEqual([]);
  });

  it('gives names of its family, and never more than one digit has values', () => {
    const cidr = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
    );
    fc.assert(
      fc.property(
        cidr,
        fc.constantFrom(1 as const, 2 as const),
        ([address, prefix], generation) => {
          const zones = reverseZones(`${address}/${prefix}`, generation);
          expect(zones.length).toBeLessThanOrEqual(128);
          for (const zone of zones)
            expect(zone.endsWith(address.includes(':') ? '.ip6.arpa' : '.in-addr.arpa')).toBe(true);
        },
      ),
    );
  });
});

describe('cidrOf', () => {
  test.each([
    ['172.31.16.32', '255.255.255.0', '172.31.16.32/24'],
    ['10.0.0.1', '255.255.240.0', '10.0.0.1/20'],
    ['10.0.0.1', '255.255.255.255', '10.0.0.1/32'],
    ['fd00::1', 'ffff:ffff:ffff:ffff::', 'fd00::1/64'],
  ])('%s under %s', (address, mask, cidr) => {
    expect(cidrOf(address, mask)).toBe(cidr);
  });

  test.each([
    ['10.0.0.1', '255.0.255.0'],
    ['10.0.0.1', 'ffff::'],
    ['', '255.255.255.0'],
  ])('knows no network of %j under %j', (address, mask) => {
    expect(cidrOf(address, mask)).toBeUndefined();
  });
});
