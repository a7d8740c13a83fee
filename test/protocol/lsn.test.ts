import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import { bytesBetween, formatLsn, parseLsn, walFileTimeline } from '../../src/protocol/lsn.ts';

const lsn = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('a position in the write-ahead log', () => {
  test.each([
    ['0/0', 0n],
    ['0/35009E0', 0x35009e0n],
    ['16/B374D848', 0x16_b374_d848n],
    ['FFFFFFFF/FFFFFFFF', 2n ** 64n - 1n],
    ['0/1c01f70', 0x1c01f70n],
  ])('%s is byte %d', (text, position) => {
    expect(parseLsn(text)).toBe(position);
    expect(formatLsn(position)).toBe(text.toUpperCase());
  });

  it('counts the bytes between two positions, also backwards', () => {
    expect(bytesBetween(parseLsn('0/30001C0'), parseLsn('0/3C3E550'))).toBe(12_837_776);
    expect(bytesBetween(parseLsn('1/0'), parseLsn('0/FFFFFFFF'))).toBe(-1);
  });

  test.each(['', '0', '/', '0/', '0/123456789', 'G/0', '0/0 ', '0x0/0', '-1/0'])(
    'refuses %j',
    (text) => {
      expect(() => parseLsn(text)).toThrow(CheckFailure);
    },
  );

  it('survives being written down and read again', () => {
    fc.assert(
      fc.property(lsn, (position) => {
        expect(parseLsn(formatLsn(position))).toBe(position);
      }),
    );
  });

  it('makes of any text a position or a failure of the protocol', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(parseLsn(text)).toBeGreaterThanOrEqual(0n);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CheckFailure', code: 'protocol' });
        }
      }),
    );
  });

  it('keeps distances however far both are moved', () => {
    const small = fc.bigInt({ min: 0n, max: 2n ** 40n });
    fc.assert(
      fc.property(small, small, small, (a, b, move) => {
        expect(bytesBetween(a + move, b + move)).toBe(bytesBetween(a, b));
        expect(bytesBetween(a, b)).toBe(0 - bytesBetween(b, a));
      }),
    );
  });
});

describe('the name of a WAL file', () => {
  test.each([
    ['000000010000000000000003', 1],
    ['00000008000000000000000C', 8],
    ['0000001A0000000100000000', 26],
  ])('%s belongs to timeline %d', (name, timeline) => {
    expect(walFileTimeline(name)).toBe(timeline);
  });

  it('is refused when it is none', () => {
    expect(() => walFileTimeline('00000001.history')).toThrow(CheckFailure);
  });
});
