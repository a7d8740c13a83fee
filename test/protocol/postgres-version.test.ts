import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import { versionNumber } from '../../src/protocol/postgres-version.ts';

describe('versionNumber', () => {
  test.each([
    ['15.18', 150_018],
    ['15.18 (Debian 15.18-0+deb12u1)', 150_018],
    ['9.3.24', 90_324],
    ['9.6beta1', 90_600],
    ['16beta1', 160_000],
    ['18.4', 180_004],
    ['10', 100_000],
  ])('%s is %d', (text, version) => {
    expect(versionNumber(text)).toBe(version);
  });

  it('makes of any text a number or a failure of the protocol', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(versionNumber(text)).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckFailure);
        }
      }),
    );
  });
});
