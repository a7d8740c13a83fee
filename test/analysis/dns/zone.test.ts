import { describe, expect, it, test } from 'vitest';
import type { DnsReply } from '../../../src/core/ports/dns.ts';
import { seconds } from '../../../src/core/time.ts';
import { hostnameOf, readZone, summarise, type ZoneState } from '../../../src/analysis/dns/zone.ts';

const reply = (changes: Partial<DnsReply> = {}): DnsReply => ({
  rcode: 'NOERROR',
  authoritative: true,
  answers: [],
  transport: 'udp',
  took: seconds(0.001),
  ...changes,
});

const soaRecord = (name: string) => ({
  type: 'SOA' as const,
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
  it('reads its own SOA with authority, and when the copy expires where that is said', () => {
    const { soa } = soaRecord('MAAS3.');
    const answers = [soaRecord('MAAS3.')];
    expect(readZone('maas3', reply({ answers }))).toEqual({ soa, expiresIn: undefined });
    const expiresIn = seconds(174);
    expect(readZone('maas3', reply({ answers, expiresIn }))).toEqual({ soa, expiresIn });
  });

  test.each<readonly [string, DnsReply, Exclude<ZoneState, 'served'>, string, boolean]>([
    [
      'it without authority',
      reply({ authoritative: false, answers: [soaRecord('maas3')] }),
      'lame',
      'answers without authority for',
      true,
    ],
    ['nothing, as a resolver', reply({ authoritative: false }), 'absent', 'does not have', true],
    [
      'nothing with authority: a name within another zone',
      reply(),
      'no_zone',
      'has as a name within another zone, not as a zone:',
      true,
    ],
    [
      'the SOA of another zone',
      reply({ answers: [soaRecord('maas')] }),
      'other_zone',
      'answers with another zone’s SOA for',
      true,
    ],
    [
      'SERVFAIL',
      reply({ rcode: 'SERVFAIL', authoritative: false }),
      'broken',
      'has an expired or broken copy (SERVFAIL) of',
      false,
    ],
    [
      'NXDOMAIN',
      reply({ rcode: 'NXDOMAIN', authoritative: false }),
      'nxdomain',
      'answers NXDOMAIN for',
      true,
    ],
    ...['REFUSED', 'NOTAUTH'].map(
      (rcode) =>
        [
          rcode,
          reply({ rcode, authoritative: false }),
          'refused',
          `answers ${rcode} for`,
          true,
        ] as const,
    ),
    [
      'an error that one with the zone may give as well',
      reply({ rcode: 'NOTIMP', authoritative: false }),
      'error',
      'answers NOTIMP for',
      false,
    ],
  ])('reads %s', (_, given, state, why, gone) => {
    expect(readZone('maas3', given)).toEqual({ state, why, gone });
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
