import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame, frameReader } from '../../src/protocol/dns-frame.ts';

/** What BIND says of a zone that is broken. */
const ANSWER = Buffer.from('1234808200010000000000000662726f6b656e0000060001', 'hex');

describe('frameReader', () => {
  it('gives the message whole, however the stream is cut', () => {
    const stream = Buffer.concat([frame(ANSWER), Buffer.from('0102', 'hex')]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: stream.length - 1 })), (cuts) => {
        const read = frameReader();
        const edges = [0, ...new Set(cuts), stream.length].sort((a, b) => a - b);
        const pieces = edges.slice(1).map((edge, turn) => stream.subarray(edges[turn], edge));
        const found = pieces.map(read).find((message) => message !== undefined);
        expect(found).toEqual(Buffer.from(ANSWER));
      }),
    );
  });

  it('waits while a message is not whole', () => {
    const read = frameReader();
    expect(read(new Uint8Array())).toBeUndefined();
    expect(read(frame(ANSWER).subarray(0, -1))).toBeUndefined();
  });

  it('refuses a length that is no message', () => {
    const tooShort = Buffer.from('000b', 'hex');
    expect(() => frameReader()(tooShort)).toThrow(expect.objectContaining({ code: 'protocol' }));
  });
});
