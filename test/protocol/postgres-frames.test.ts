import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { LONGEST_MESSAGE, takeMessages } from '../../src/protocol/postgres-frames.ts';

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** What PostgreSQL 15.18 answers to protocol version 4.0: FATAL, SQLSTATE 0A000. */
const REFUSAL = bytes(
  '450000008353464154414c0056464154414c00433041303030004d756e737570706f727465642066726f6e74656e642070726f746f636f6c20342e303a2073657276657220737570706f72747320332e3020746f20332e300046706f73746d61737465722e63004c32323238005250726f63657373537461727475705061636b65740000',
);

/** What it answers to a user that it knows: the offer of SCRAM-SHA-256. */
const OFFER = bytes('52000000170000000a534352414d2d5348412d3235360000');

const message = fc
  .record({
    type: fc.constantFrom('R', 'K', 'C', 'D', 'I', 'S', 'A', 'T', 'v', 'Z'),
    body: fc.uint8Array({ maxLength: 60 }),
  })
  .map(({ type, body }) => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeUInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  });

describe('takeMessages', () => {
  test.each([
    ['a refusal', REFUSAL],
    ['an offer', OFFER],
    ['both', Buffer.concat([OFFER, REFUSAL])],
  ])('hands on %s of a real server as it came', (_, stream) => {
    expect(Buffer.from(takeMessages(stream).messages)).toEqual(Buffer.from(stream));
  });

  it('keeps back a message of which a byte is missing', () => {
    const cut = Buffer.concat([OFFER, REFUSAL.subarray(0, -1)]);
    expect(Buffer.from(takeMessages(cut).messages)).toEqual(Buffer.from(OFFER));
  });

  test.each([
    ['the answer of an HTTP server', Buffer.from('HTTP/1.1 400 Bad Request\r\n')],
    ['an SSH banner', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
    ['an answer of PCP', bytes('6d 00000008 00000000')],
    ['a length below the least', bytes('5a 00000003')],
    ['a length above the most', bytes('44 7fffffff')],
    ['an error of protocol 2, without a length', Buffer.from('Ecould not fork new process\n\0')],
    ['an error field without an end', bytes('45 00000008 53616263')],
    ['an error without its last NUL', bytes('45 00000009 5361626300')],
    ['an error that goes on after its end', bytes('45 0000000a 0053616200 00')],
    ['an empty notice', bytes('4e 00000004')],
  ])('refuses %s', (_, stream) => {
    expect(() => takeMessages(stream)).toThrow(
      expect.objectContaining({ name: 'CheckFailure', code: 'protocol' }),
    );
  });

  it('never keeps more than one message that is not complete', () => {
    const head = Buffer.alloc(5);
    head.write('D');
    head.writeUInt32BE(LONGEST_MESSAGE, 1);
    expect(takeMessages(head).rest).toHaveLength(5);
  });

  it('gives the same messages however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat(40)), (messages, cuts) => {
        const stream = Buffer.concat(messages);
        const out: Uint8Array[] = [];
        let [rest, from] = [new Uint8Array(), 0];
        for (const size of [...cuts, stream.length]) {
          const taken = takeMessages(Buffer.concat([rest, stream.subarray(from, from + size)]));
          out.push(taken.messages);
          rest = new Uint8Array(taken.rest);
          from += size;
        }
        expect(Buffer.concat(out)).toEqual(stream);
        expect(rest).toHaveLength(0);
      }),
    );
  });

  it('makes of any bytes messages and a rest, or a failure of the protocol', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (stream) => {
        try {
          const { messages, rest } = takeMessages(stream);
          expect(messages.length + rest.length).toBe(stream.length);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CheckFailure', code: 'protocol' });
        }
      }),
    );
  });
});
