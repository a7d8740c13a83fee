import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import {
  decodeReply,
  encodeQuestion,
  isReplyTo,
  setTransaction,
  type DhcpReply,
} from '../../src/protocol/dhcp.ts';
import { answerTo, LEG, octetsOf } from '../support/dhcp-answers.ts';

const DISCOVER = encodeQuestion('discover', LEG);
const octets = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const optionsOf = (hex: string): Uint8Array =>
  Uint8Array.of(...DISCOVER.subarray(0, 240), ...octets(hex));
const reply = (hex: string): DhcpReply => {
  const bytes = optionsOf(hex);
  bytes[0] = 2;
  return decodeReply(bytes);
};

describe('a question', () => {
  it('asks what would be given, by broadcast, of every one of a pair of servers', () => {
    const hex = Buffer.from(DISCOVER).toString('hex');
    expect(DISCOVER).toHaveLength(300);
    expect(hex.slice(0, 24)).toBe('010106000000000000' + '0a8000');
    expect(hex.slice(56, 68)).toBe('0200ac1f1128');
    expect(hex.slice(472)).toMatch(/^6382536335010137050103063336ff0+$/);
  });

  it('asks what is handed out to somebody who has an address, for an answer to that', () => {
    const hex = Buffer.from(encodeQuestion('inform', LEG)).toString('hex');
    expect(hex.slice(16, 32)).toBe('000a0000' + 'ac1f1128');
    expect(hex.slice(472)).toMatch(/^63825363350108/);
  });

  it('is answered by what has its transaction and its machine', () => {
    const question = encodeQuestion('discover', LEG);
    setTransaction(question, 0xdeadbeef);
    const answer = answerTo(question, {});
    expect(isReplyTo(question, answer)).toBe(true);
    for (const at of [0, 4, 7, 28, 33]) {
      const other = Uint8Array.from(answer);
      other[at] = (other[at] ?? 0) ^ 1;
      expect(isReplyTo(question, other)).toBe(false);
    }
    expect(isReplyTo(question, answer.subarray(0, 239))).toBe(false);
  });
});

describe('an answer', () => {
  it('of ISC’s dhcpd is read', () => {
    // Recorded: dhcpd 4.4.3-P1, to a DISCOVER.
    expect(
      reply('35010236040a4d00223304000002580104ffffff0003040a4d000106080a4d00200a4d0021ff'),
    ).toEqual({
      type: 'offer',
      server: '10.77.0.34',
      subnetMask: '255.255.255.0',
      routers: ['10.77.0.1'],
      dns: ['10.77.0.32', '10.77.0.33'],
      leaseSeconds: 600,
    });
  });

  it('says which address it offers, through which relay, and whose', () => {
    const bytes = answerTo(DISCOVER, {
      offered: '172.31.17.100',
      relay: '172.31.17.1',
      options: [[61, 1, 2, 3]],
    });
    expect(decodeReply(bytes)).toMatchObject({
      offered: '172.31.17.100',
      relay: '172.31.17.1',
      client: Uint8Array.of(1, 2, 3),
    });
  });

  test.each([
    [2, 'offer'],
    [5, 'ack'],
    [6, 'nak'],
    [4, 'other'],
  ])('of message type %i is %s', (type, expected) => {
    expect(decodeReply(answerTo(DISCOVER, { type })).type).toBe(expected);
  });

  it('of plain BOOTP has no type', () => {
    expect(reply('ff').type).toBe('other');
  });

  it('may go on in the fields for a file and a name', () => {
    const bytes = answerTo(DISCOVER, {
      options: [
        [52, 3],
        [6, 10, 0, 0, 1],
      ],
    });
    bytes.set([6, 4, 10, 0, 0, 2, 255], 108);
    bytes.set([6, 4, 10, 0, 0, 3, 255], 44);
    expect(decodeReply(bytes).dns).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  });

  it('leaves those fields alone where it does not say so', () => {
    const bytes = answerTo(DISCOVER, { options: [[6, 10, 0, 0, 1]] });
    bytes.set([6, 4, 10, 0, 0, 2, 255], 108);
    expect(decodeReply(bytes).dns).toEqual(['10.0.0.1']);
  });

  it('may have an option in pieces that are cut anywhere', () => {
    expect(reply('0602ac1f060610200a000001ff').dns).toEqual(['172.31.16.32', '10.0.0.1']);
  });

  it('may have padding before an option, and no end mark', () => {
    expect(reply('000006040a000001').dns).toEqual(['10.0.0.1']);
  });

  test.each([
    ['an option over the end', '0608ac1f1020'],
    ['an option without a length', '06'],
    ['half an address', '0606ac1f10200a00ff'],
    ['two server identifiers', '3608ac1f1020ac1f1021ff'],
    ['a lease of two octets', '33020258ff'],
    ['a message type of two octets', '35020202ff'],
  ])('with %s is refused', (_, hex) => {
    expect(() => reply(hex)).toThrow(CheckFailure);
  });

  it('without the mark of DHCP, or of a client, is refused', () => {
    const bytes = answerTo(DISCOVER, {});
    expect(() => decodeReply(Uint8Array.from(bytes).fill(0, 236, 240))).toThrow(/no options/);
    expect(() => decodeReply(DISCOVER)).toThrow(/no answer of a server/);
    expect(() => decodeReply(bytes.subarray(0, 200))).toThrow(/too few/);
  });

  it('gives back the DNS servers that were put in, however many', () => {
    fc.assert(
      fc.property(fc.array(fc.ipV4(), { maxLength: 60 }), (dns) => {
        const bytes = answerTo(DISCOVER, { options: [[6, ...octetsOf(...dns)]] });
        expect(decodeReply(bytes).dns).toEqual(dns);
      }),
    );
  });

  it('of any octets is read, or refused as a breach of the protocol', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (tail) => {
        const bytes = Uint8Array.of(...answerTo(DISCOVER, {}).subarray(0, 240), ...tail);
        try {
          expect(decodeReply(bytes).dns.every((each) => /^[\d.]+$/.test(each))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'protocol' });
        }
      }),
    );
  });
});
