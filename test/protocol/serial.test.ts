import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { serialDistance } from '../../src/protocol/serial.ts';

const LAST = 4_294_967_295;

describe('serialDistance', () => {
  test.each([
    { from: 7, to: 7, distance: 0, why: 'same version' },
    { from: 105, to: 34, distance: -71, why: 'older' },
    { from: 34, to: 105, distance: 71, why: 'newer' },
    { from: LAST, to: 0, distance: 1, why: 'wrapped' },
    { from: LAST, to: 1, distance: 2, why: 'wrapped as MAAS does it, which leaves 0 out' },
    { from: 1, to: LAST, distance: -2, why: 'wrapped, the other way' },
    { from: 0, to: 2 ** 31 - 1, distance: 2 ** 31 - 1, why: 'as far ahead as can be told' },
    { from: 0, to: 2 ** 31 + 1, distance: 1 - 2 ** 31, why: 'as far behind as can be told' },
    { from: 0, to: 2 ** 31, distance: undefined, why: 'half the space apart' },
    { from: 2 ** 31 + 5, to: 5, distance: undefined, why: 'half the space apart' },
  ])('$from → $to is $distance ($why)', ({ from, to, distance }) => {
    expect(serialDistance(from, to)).toBe(distance);
  });

  test.each([-1, 2 ** 32, 1.5, Number.NaN])('%d is no serial', (serial) => {
    expect(() => serialDistance(serial, 1)).toThrow(RangeError);
    expect(() => serialDistance(1, serial)).toThrow(RangeError);
  });

  const serial = fc.integer({ min: 0, max: LAST });

  it('turns its sign when the two change places', () => {
    fc.assert(
      fc.property(serial, serial, (a, b) => {
        const there = serialDistance(a, b);
        const back = serialDistance(b, a);
        if (there === undefined || back === undefined) expect(back).toBe(there);
        else expect(there + back).toBe(0);
      }),
    );
  });

  it('leads back from one serial to the other', () => {
    fc.assert(
      fc.property(serial, serial, (a, b) => {
        const distance = serialDistance(a, b);
        fc.pre(distance !== undefined);
        expect((a + distance) >>> 0).toBe(b);
      }),
    );
  });
});
