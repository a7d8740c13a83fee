import { encode, type Answer, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import { openTransfer, type ZoneContent } from '../../src/protocol/dns-axfr.ts';
import { encodeQuestion } from '../../src/protocol/dns.ts';

const query = encodeQuestion({ name: 'maas3', type: 'AXFR' });
const question = { name: 'maas3', type: 'AXFR', class: 'IN' } as unknown as NonNullable<
  Packet['questions']
>[number];

const soa = (serial: number, name = 'maas3'): Answer => ({
  type: 'SOA',
  name,
  ttl: 300,
  data: {
    mname: 'maas3',
    rname: 'nobody.example.com',
    serial,
    refresh: 600,
    retry: 1800,
    expire: 604_800,
    minimum: 300,
  },
});
const a = (name: string, data: string, ttl = 300): Answer => ({ type: 'A', name, ttl, data });

const message = (answers: readonly Answer[], changes: Packet = {}): Uint8Array =>
  encode({ type: 'response', id: 0, questions: [question], answers: [...answers], ...changes });

/** The zone that these messages make; undefined while it is not whole. */
const read = (...messages: readonly Uint8Array[]): ZoneContent | undefined => {
  const take = openTransfer(query, 'maas3');
  return messages.map(take).at(-1);
};
const codeOf = (...messages: readonly Uint8Array[]): unknown => {
  try {
    return read(...messages);
  } catch (error) {
    return error instanceof CheckFailure ? error.code : error;
  }
};

const RECORDS: readonly Answer[] = [
  { type: 'NS', name: 'maas3', ttl: 300, data: 'maas3' },
  a('maas3', '172.31.16.39'),
  a('mon.maas3', '172.31.16.40'),
  { type: 'CNAME', name: 'www.maas3', ttl: 300, data: 'mon.maas3' },
  { type: 'MX', name: 'maas3', ttl: 300, data: { preference: 10, exchange: 'mon.maas3' } },
  { type: 'SRV', name: '_x._tcp.maas3', ttl: 300, data: { port: 1, target: 'mon.maas3' } },
  { type: 'TXT', name: 'maas3', ttl: 300, data: 'Words' },
];
const whole = (records: readonly Answer[], serial = 102): Uint8Array =>
  message([soa(serial), ...records, soa(serial)]);
const digest = (records: readonly Answer[]): string | undefined => read(whole(records))?.digest;

describe('a zone transfer', () => {
  it('is whole when the SOA has come twice', () => {
    expect(read(whole(RECORDS))).toMatchObject({ serial: 102, records: RECORDS.length });
    expect(read(message([soa(102), ...RECORDS]))).toBeUndefined();
  });

  it('is the same zone however it is cut into messages', () => {
    const all = [soa(102), ...RECORDS, soa(102)];
    const one = read(message(all));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: all.length - 1 })), (cuts) => {
        const edges = [0, ...new Set(cuts), all.length].sort((x, y) => x - y);
        const parts = edges
          .slice(1)
          .map((edge, index) =>
            message(all.slice(edges[index], edge), index === 0 ? {} : { questions: [] }),
          );
        expect(read(...parts)).toEqual(one);
      }),
    );
  });

  it('has one digest for one set of records, in any order and however often told', () => {
    const one = digest(RECORDS);
    fc.assert(
      fc.property(fc.shuffledSubarray([...RECORDS], { minLength: RECORDS.length }), (shuffled) => {
        expect(digest([...shuffled, ...shuffled.slice(0, 2)])).toBe(one);
      }),
    );
  });

  it('has the same digest in upper case, under another serial and with other TTLs', () => {
    const louder = RECORDS.map(
      (record) => ({ ...record, name: record.name.toUpperCase(), ttl: 5 }) as Answer,
    );
    expect(digest(louder)).toBe(digest(RECORDS));
    expect(read(whole(RECORDS, 7))?.digest).toBe(digest(RECORDS));
  });

  it('compares names that were compressed with names that were not', () => {
    // The owner and the target as pointers to the name in the question (RFC 1035 section 4.1.4).
    const header = message([]).subarray(0, 12 + 7 + 4);
    const counted = Buffer.from(header);
    counted.writeUInt16BE(3, 6);
    const soaData = Buffer.concat([
      Buffer.from('c00cc00c', 'hex'),
      Buffer.from('0000006600000258000007080009 3a800000012c'.replaceAll(' ', ''), 'hex'),
    ]);
    const record = (type: string, data: Buffer): Buffer =>
      Buffer.concat([
        Buffer.from(`c00c${type}00010000012c`, 'hex'),
        Buffer.from([0, data.length]),
        data,
      ]);
    const compressed = Buffer.concat([
      counted,
      record('0006', soaData),
      record('0002', Buffer.from('c00c', 'hex')),
      record('0006', soaData),
    ]);
    const plain = digest([{ type: 'NS', name: 'maas3', ttl: 300, data: 'MAAS3' }]);
    expect(read(compressed)).toMatchObject({ serial: 102, digest: plain });
  });

  test.each<readonly [string, readonly Answer[]]>([
    ['an address', [...RECORDS.slice(0, 2), a('mon.maas3', '172.31.16.41'), ...RECORDS.slice(3)]],
    ['a name', [...RECORDS, a('new.maas3', '172.31.16.40')]],
    ['one less', RECORDS.slice(1)],
    [
      'the case of a text',
      [...RECORDS.slice(0, -1), { type: 'TXT', name: 'maas3', ttl: 300, data: 'words' }],
    ],
  ])('has another digest with another %s', (_, records) => {
    expect(digest(records)).not.toBe(digest(RECORDS));
  });

  test.each<readonly [string, readonly Uint8Array[], unknown]>([
    ['REFUSED', [message([], { flags: 5 })], 'no_privilege'],
    ['NOTAUTH', [message([], { flags: 9 })], 'no_privilege'],
    ['FORMERR', [message([], { flags: 1 })], 'version'],
    ['NOTIMP', [message([], { flags: 4 })], 'version'],
    ['SERVFAIL', [message([], { flags: 2 })], 'protocol'],
    ['nothing at all', [message([])], 'protocol'],
    ['a message that was cut short', [message([soa(1)], { flags: 0x0200 })], 'protocol'],
    ['another zone', [message([soa(102, 'maas4')])], 'protocol'],
    ['no SOA first', [message([a('maas3', '1.2.3.4'), soa(102)])], 'protocol'],
    ['two versions', [message([soa(102), soa(103)])], 'protocol'],
    ['records behind the end', [message([soa(102), soa(102), a('maas3', '1.2.3.4')])], 'protocol'],
    ['another id', [message([soa(102)], { id: 7 })], 'protocol'],
    ['an error in the middle', [message([soa(102)]), message([], { flags: 2 })], 'protocol'],
  ])('is refused with its reason: %s', (_, messages, code) => {
    expect(codeOf(...messages)).toBe(code);
  });

  it('comes to an end or to a failure of the peer, whatever octets come', () => {
    const good = whole(RECORDS);
    const spoilt = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 8,
      })
      .map((changes) => {
        const bytes = Uint8Array.from(good);
        for (const [at, octet] of changes) bytes[at] = octet;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        const found = codeOf(bytes);
        expect(
          found === undefined ||
            typeof found === 'object' ||
            ['protocol', 'no_privilege', 'version'].includes(found as string),
        ).toBe(true);
        expect(found instanceof Error).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['points at itself', 'c00c'],
    ['points forward', 'c0ff'],
    ['has a label of a strange kind', '4161'],
    ['runs past the end', '3f61'],
  ])('does not follow a name that %s', (_, name) => {
    const header = Buffer.from(message([], { questions: [] }).subarray(0, 12));
    header.writeUInt16BE(1, 6);
    expect(codeOf(Buffer.concat([header, Buffer.from(name, 'hex')]))).toBe('protocol');
  });
});
