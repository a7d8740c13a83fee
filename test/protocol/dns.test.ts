import { encode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import {
  decodeMessage,
  encodeQuestion,
  idOf,
  isName,
  isReplyTo,
  isTruncated,
  sameName,
  setId,
} from '../../src/protocol/dns.ts';

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

// Written by hand from RFC 1035 section 4: maas3 SOA IN, id 0x1234, AA, serial 102, names compressed.
const ANSWER = hex(`
  1234 8480 0001 0001 0000 0000
  05 6d61617333 00 0006 0001
  c00c 0006 0001 0000012c 002a
  c00c 06 6e6f626f6479 07 6578616d706c65 03 636f6d 00
  00000066 00000258 00000708 00093a80 0000012c`);

const question = { name: 'maas3', type: 'SOA' } as const;

const asked = (id = 0x1234): Uint8Array => {
  const query = encodeQuestion(question);
  setId(query, id);
  return query;
};

const changed = (at: number, octet: number): Uint8Array => {
  const copy = Uint8Array.from(ANSWER);
  copy[at] = octet;
  return copy;
};

const failureOf = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error instanceof CheckFailure ? error.code : error;
  }
  return 'none';
};

describe('encodeQuestion', () => {
  it('writes exactly the message of RFC 1035', () => {
    expect(asked()).toEqual(
      Buffer.from(hex('1234 0000 0001 0000 0000 0000 056d61617333 00 0006 0001')),
    );
  });

  it('asks for recursion only when told to', () => {
    expect(encodeQuestion({ ...question, recurse: true })[2]).toBe(1);
    expect(encodeQuestion({ ...question, recurse: false })[2]).toBe(0);
  });

  it('asks a server about itself in the class CH', () => {
    const query = encodeQuestion({ name: 'hostname.bind', type: 'TXT', class: 'CH' });
    expect([...query.subarray(-4)]).toEqual([0, 16, 0, 3]);
  });

  test.each([
    ['a'.repeat(64), 'a label of 64 octets'],
    [`${'a.'.repeat(127)}a`, 'a name of 256 octets'],
    ['maas..lan', 'an empty label'],
    ['', 'nothing'],
    ['zürich', 'beyond ASCII'],
    [String.raw`a\.b`, 'an escape'],
    ['a b', 'a blank'],
  ])('refuses %j (%s)', (name) => {
    expect(failureOf(() => encodeQuestion({ name, type: 'SOA' }))).toBe('config');
  });

  test.each([
    '.',
    'maas3',
    'maas3.',
    '16.31.172.in-addr.arpa',
    '64-26.5.168.192.in-addr.arpa',
    '_x',
  ])('takes %j', (name) => {
    expect(isName(name)).toBe(true);
  });

  it('gives every name that it takes back from its own decoder', () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,63}$/);
    const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(name, fc.integer({ min: 0, max: 65_535 }), (each, id) => {
        fc.pre(isName(each));
        const query = encodeQuestion({ name: each, type: 'A' });
        setId(query, id);
        expect(idOf(query)).toBe(id);
        expect(
          isReplyTo(
            query,
            Uint8Array.from(query, (octet, at) => (at === 2 ? 0x80 : octet)),
          ),
        ).toBe(true);
      }),
    );
  });
});

describe('sameName', () => {
  it('knows neither case nor a final dot', () => {
    expect(sameName('MAAS3.', 'maas3')).toBe(true);
    expect(sameName('maas3', 'maas4')).toBe(false);
    expect(sameName('.', '.')).toBe(true);
  });
});

// BIND 9.18.49, asked without recursion; the last is for a zone that it does not have.
const RECORDED = [
  {
    says: 'its SOA',
    octets:
      '123484800001000100010001056d616173330000060001c00c000600010000012c002ac00c066e6f626f6479076578616d706c6503636f6d0000000066000002580000070800093a800000012cc00c000200010000012c0002c00cc00c000100010000012c00047f000001',
    reads: { rcode: 'NOERROR', authoritative: true, answers: [{ soa: { serial: 102 } }] },
  },
  {
    says: 'its own name',
    octets:
      '12348400000100010001000008686f73746e616d650462696e640000100003c00c0010000300000000000a097263312e6d61617333c00c00020003000000000002c00c',
    reads: { rcode: 'NOERROR', authoritative: true, answers: [{ type: 'TXT', text: 'rc1.maas3' }] },
  },
  {
    says: 'that the zone is broken',
    octets: '1234808200010000000000000662726f6b656e0000060001',
    reads: { rcode: 'SERVFAIL', authoritative: false, answers: [] },
  },
  {
    says: 'that it has no such zone',
    octets:
      '1234808000010000000d0000056d61617335000006000100000200010007e900001401470c524f4f542d53455256455253034e455400c017000200010007e90000040143c024c017000200010007e9000004014dc024c017000200010007e90000040142c024c017000200010007e90000040149c024c017000200010007e90000040141c024c017000200010007e9000004014bc024c017000200010007e90000040145c024c017000200010007e90000040144c024c017000200010007e90000040146c024c017000200010007e9000004014cc024c017000200010007e90000040148c024c017000200010007e9000004014ac024',
    reads: { rcode: 'NOERROR', authoritative: false, answers: [] },
  },
];

describe('decodeMessage', () => {
  test.each(RECORDED)('reads a BIND that says $says', ({ octets, reads }) => {
    expect(decodeMessage(hex(octets))).toMatchObject(reads);
  });

  it('reads the SOA of an authoritative answer', () => {
    expect(decodeMessage(ANSWER)).toEqual({
      rcode: 'NOERROR',
      authoritative: true,
      answers: [
        {
          type: 'SOA',
          name: 'maas3',
          soa: {
            primary: 'maas3',
            mailbox: 'nobody.example.com',
            serial: 102,
            refresh: 600,
            retry: 1800,
            expire: 604_800,
            minimum: 300,
          },
        },
      ],
    });
  });

  it('keeps a serial of 32 bits exact', () => {
    const message = changed(ANSWER.length - 20, 0xff);
    const [answer] = decodeMessage(message).answers;
    expect(answer).toMatchObject({ soa: { serial: 0xff00_0066 } });
  });

  it('joins the strings of a text, and says of other records only their name', () => {
    const message = encode({
      type: 'response',
      answers: [
        { type: 'TXT', class: 'CH', name: 'hostname.bind', data: ['rc', '1'] },
        { type: 'A', name: 'a', data: '192.0.2.1' },
        { type: 'NS', name: 'b', data: 'ns.b' },
      ],
    });
    expect(decodeMessage(message).answers).toEqual([
      { type: 'TXT', name: 'hostname.bind', text: 'rc1' },
      { type: 'A', name: 'a', address: '192.0.2.1' },
      { type: 'other', name: 'b' },
    ]);
  });

  test.each([
    [0, 'NOERROR'],
    [2, 'SERVFAIL'],
    [3, 'NXDOMAIN'],
    [5, 'REFUSED'],
    [9, 'NOTAUTH'],
    [15, '15'],
  ])('calls rcode %i %s', (rcode, name) => {
    expect(decodeMessage(changed(3, 0x80 | rcode)).rcode).toBe(name);
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['half a header', ANSWER.subarray(0, 6)],
    ['an answer that ends early', ANSWER.subarray(0, -1)],
    ['a count larger than the message', changed(7, 200)],
    ['a label that points ahead', changed(12, 0xc0)],
  ])('refuses %s', (_, message) => {
    expect(failureOf(() => decodeMessage(message))).toBe('protocol');
  });

  it('refuses the message that makes dns-packet build 65282 records from 103 octets', () => {
    const text = Buffer.alloc(103);
    hex('0001 8400 0000 0001 ffff 0000 00 0010 0001 00000000 0002 ff').forEach((octet, at) => {
      text[at] = octet;
    });
    expect(failureOf(() => decodeMessage(text))).toBe('protocol');
  });

  it('refuses a text that runs past the end, and the records invented after it', () => {
    const message = hex('0001 8400 0000 0001 0000 0000 00 0010 0001 00000000 0002 ff');
    expect(failureOf(() => decodeMessage(message))).toBe('protocol');
  });

  it('gives for any octets a message or a failure of the protocol, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => {
        expect(['none', 'protocol']).toContain(failureOf(() => decodeMessage(octets)));
      }),
    );
  });

  it('does so for true answers with any octets changed, too', () => {
    const change = fc.tuple(fc.nat(ANSWER.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        const message = Uint8Array.from(ANSWER);
        for (const [at, octet] of changes) message[at] = octet;
        expect(['none', 'protocol']).toContain(failureOf(() => decodeMessage(message)));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('isReplyTo', () => {
  it('takes the answer, in whatever case its question comes back', () => {
    expect(isReplyTo(asked(), ANSWER)).toBe(true);
    expect(isReplyTo(asked(), changed(13, 0x4d))).toBe(true);
  });

  test.each([
    ['another id', changed(1, 0x35)],
    ['a query', changed(2, 0x04)],
    ['a NOTIFY', changed(2, 0xa4)],
    ['another name', changed(13, 0x6e)],
    ['another type', changed(20, 0x01)],
    ['another class', changed(22, 0x03)],
    ['two questions', changed(5, 2)],
    ['no question and no error', changed(5, 0)],
    ['half a header', ANSWER.subarray(0, 8)],
    ['half a question', ANSWER.subarray(0, 15)],
  ])('does not take %s', (_, message) => {
    expect(isReplyTo(asked(), message)).toBe(false);
  });

  it('takes an error that leaves the question out', () => {
    expect(isReplyTo(asked(), hex('1234 8001 0000 0000 0000 0000'))).toBe(true);
  });

  it('throws at nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        expect(typeof isReplyTo(asked(), octets)).toBe('boolean');
      }),
    );
  });
});

describe('isTruncated', () => {
  it('reads the TC flag', () => {
    expect(isTruncated(ANSWER)).toBe(false);
    expect(isTruncated(changed(2, 0x86))).toBe(true);
  });
});
