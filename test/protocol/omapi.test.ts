import fc from 'fast-check';
import { expect, it } from 'vitest';
import { takeGreeting } from '../../src/protocol/omapi.ts';

/** Recorded: dhcpd 4.4.3-P1. */
const GREETING = Uint8Array.of(0, 0, 0, 100, 0, 0, 0, 24);

it('a greeting is read, and what follows it is left', () => {
  expect(takeGreeting(Uint8Array.of(...GREETING, 1, 2))).toEqual({
    rest: Uint8Array.of(1, 2),
    result: { version: 100 },
  });
});

it('less than a greeting waits for more', () => {
  for (let length = 0; length < 8; length += 1)
    expect(takeGreeting(GREETING.subarray(0, length))).toBeUndefined();
});

it('another version, another header and other words are refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = Uint8Array.from(GREETING);
      bytes[at] = (bytes[at] ?? 0) ^ change;
      expect(() => takeGreeting(bytes)).toThrow(/OMAPI: a greeting of version/);
    }),
  );
});
