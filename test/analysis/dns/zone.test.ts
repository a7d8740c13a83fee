import { describe, expect, it, test } from 'vitest';
import type { DnsReply } from '../../../src/core/ports/dns.ts';
import { seconds } from '../../../src/core/time.ts';
import {
  hostnameOf,
  readZone,
  summarise,
  type ZoneAnswer,
} from '../../../src/analysis/dns/zone.ts';

const reply = (changes: Partial<DnsReply> = {}): DnsReply => ({
  rcode: 'NOERROR',
  authoritative: true,
  answers: [],
  transport: 'udp',
  took: seconds(0.001),
  ...changes,
});

const soa = (name: string): DnsReply['answers'][number] => ({
  type: 'SOA',
  name,
  soa: {
    primary: name,
    mailbox: 'nobody.example.com',
    serial: 102,
    refresh: seconds(600),
    retry: seconds(1800),
    expire: seconds(604_800),
    minimum: seconds(300),
  },
});

describe('readZone', () => {
  test.each<readonly [string, DnsReply, ZoneAnswer]>([
    ['its own SOA with authority', reply({ answers: [soa('MAAS3.')] }), { serial: 102 }],
    [
      'it without authority',
      reply({ authoritative: false, answers: [soa('maas3')] }),
      { why: 'answers without authority for', gone: true },
    ],
    [
      'nothing, as a resolver',
      reply({ authoritative: false }),
      { why: 'does not have', gone: true },
    ],
    [
      'the SOA of another zone',
      reply({ answers: [soa('maas')] }),
      { why: 'does not have', gone: true },
    ],
    [
      'SERVFAIL',
      reply({ rcode: 'SERVFAIL', authoritative: false }),
      { why: 'has an expired or broken copy (SERVFAIL) of', gone: false },
    ],
    ...['REFUSED', 'NXDOMAIN', 'NOTAUTH'].map(
      (rcode) =>
        [
          rcode,
          reply({ rcode, authoritative: false }),
          { why: `answers ${rcode} for`, gone: true },
        ] as const,
    ),
    [
      'an error that one with the zone may give as well',
      reply({ rcode: 'NOTIMP', authoritative: false }),
      { why: 'answers NOTIMP for', gone: false },
    ],
  ])('reads %s', (_, given, says) => {
    expect(readZone('maas3', given)).toEqual(says);
  });
});

describe('hostnameOf', () => {
  test.each([
    ['rc1.maas3', 'rc1.maas3'],
    ['rc1\u001b[2J', 'rc12J'],
    ['', undefined],
  ])('reads %j as %j', (text, name) => {
    const answers = [{ type: 'TXT', name: 'hostname.bind', text }] as const;
    expect(hostnameOf(reply({ answers }))).toBe(name);
  });

  it('knows nothing without an answer', () => {
    expect(hostnameOf(reply({ rcode: 'REFUSED' }))).toBeUndefined();
  });
});

describe('summarise', () => {
  it('says in one sentence what holds for several zones', () => {
    const sayings = [
      ['lacks', 'a'],
      ['breaks', 'b'],
      ['lacks', 'c'],
    ] as const;
    expect(summarise(sayings)).toEqual(['lacks a, c', 'breaks b']);
  });

  it('stays short with 200 zones', () => {
    const sayings = Array.from({ length: 200 }, (_, each) => ['lacks', `z${each}`] as const);
    expect(summarise(sayings)).toEqual(['lacks z0, z1, z2, z3, 196 more']);
  });
});
