import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  encodeAuthCapabilities,
  encodePresencePing,
  readAuthCapabilities,
  readPresencePong,
} from '../../src/protocol/rmcp.ts';

const octets = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Recorded from OpenIPMI's simulator. */
const PONG = '0600ff06000011be40070010000011be000000008100000000000000';
const CAPABILITIES = '0600ff0700000000000000000010811c63201438000197060300000000f3';

const changed = (text: string, at: number, to: number): Uint8Array => {
  const bytes = octets(text);
  bytes[at] = to;
  return bytes;
};

describe('presence', () => {
  it('is asked as DSP0136 says', () => {
    expect(hex(encodePresencePing(7))).toBe('0600ff06000011be80070000');
  });

  it('is read as a controller says it', () => {
    expect(readPresencePong(octets(PONG), 7)).toEqual({ ipmi: true });
    expect(readPresencePong(changed(PONG, 20, 0x01), 7)).toEqual({ ipmi: false });
  });

  test.each([
    ['another tag', octets(PONG), 8],
    ['a ping of somebody', encodePresencePing(7), 7],
    ['another enterprise', changed(PONG, 7, 0), 7],
    ['another class', changed(PONG, 3, 7), 7],
    ['another version', changed(PONG, 0, 5), 7],
    ['less data than it has', changed(PONG, 11, 4), 7],
    ['its beginning alone', octets(PONG).subarray(0, 27), 7],
  ])('is not read from %s', (_, bytes, tag) => {
    expect(readPresencePong(bytes, tag)).toBeUndefined();
  });
});

describe('what comes before every session', () => {
  it('is asked as IPMI 2.0 says', () => {
    expect(hex(encodeAuthCapabilities(5))).toBe(
      '0600ff07' + '000000000000000000' + '0920' + '18c8' + '8114388e04a1',
    );
  });

  it('is read with its completion code, whatever that is', () => {
    expect(readAuthCapabilities(octets(CAPABILITIES), 5)).toEqual({ code: 0 });
  });

  test.each([
    ['another sequence', octets(CAPABILITIES), 6],
    ['the question', encodeAuthCapabilities(5), 5],
    ['a head with a wrong sum', changed(CAPABILITIES, 16, 0), 5],
    ['a body with a wrong sum', changed(CAPABILITIES, 22, 9), 5],
    ['a session', changed(CAPABILITIES, 4, 6), 5],
    ['less than it says', octets(CAPABILITIES).subarray(0, 20), 5],
  ])('is not read from %s', (_, bytes, sequence) => {
    expect(readAuthCapabilities(bytes, sequence)).toBeUndefined();
  });

  it('has sums that come to nothing, for every sequence', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), (sequence) => {
        const message = encodeAuthCapabilities(sequence).subarray(14);
        for (const part of [message.subarray(0, 3), message.subarray(3)])
          expect(part.reduce((sum, octet) => sum + octet, 0) % 256).toBe(0);
      }),
    );
  });
});

it('no octets make either of them fail', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (tail, isRmcp) => {
      const bytes = isRmcp ? Uint8Array.of(6, 0, 255, 7, 0, ...tail) : tail;
      expect([readPresencePong(bytes, 1), readAuthCapabilities(bytes, 1)]).toHaveLength(2);
    }),
  );
});
