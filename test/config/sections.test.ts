import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { slavesOf, type Region } from '../../src/core/region.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';

/* Each key of a region by itself: how it is written when it is right, and what is said when it is wrong. */

const folder = mkdtempSync(join(tmpdir(), 'maasha-sections-'));
const file = join(folder, 'maasha.yaml');
writeFileSync(join(folder, 'ca.pem'), 'canary-of-the-ca\n');
writeFileSync(join(folder, 'pcp'), 'canary-of-pcp\n');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Parts {
  readonly vip?: string;
  readonly url?: string;
  readonly nodes?: readonly string[];
  readonly more?: string;
}

const NODES = ['{ name: rc1, address: 172.31.16.32 }', '{ name: rc2, address: 172.31.16.33 }'];

function load({ vip = '172.31.16.39', url = 'http://172.31.16.39/MAAS', ...rest }: Parts): Region {
  const { nodes = NODES, more = '' } = rest;
  writeFileSync(
    file,
    `regions:
  - name: maas3
    vip: ${vip}
    maas_url: ${url}
    nodes:
${nodes.map((node) => `      - ${node}\n`).join('')}${more.replaceAll(/^/gm, '    ')}
`,
  );
  const [region] = loadConfig(file, { checks: [], scheduleProblem }).regions;
  if (region === undefined) throw new Error('no region');
  return region;
}

function problems(parts: Parts): string {
  try {
    load(parts);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
  return 'no problem';
}

const PGPOOL = 'pgpool: { pcp_user: root, pcp_password_file: pcp }';
const HTTPS = 'https://172.31.16.39/MAAS';

describe('is right:', () => {
  test.each<[string, Parts, Partial<Region>]>([
    [
      'a node with its MAC address',
      { nodes: ['{ name: rc1, address: 172.31.16.32, mac: "02:00:AC:1F:10:20" }'] },
      { nodes: [{ name: 'rc1', address: '172.31.16.32', mac: '02:00:ac:1f:10:20' }] },
    ],
    [
      'a VIP and nodes with IPv6 addresses',
      {
        vip: '"2001:db8::39"',
        url: 'http://[2001:db8::39]:5240/MAAS',
        nodes: ['{ name: rc1, address: "2001:db8::32", mac: 02:00:ac:1f:10:20 }'],
      },
      { vip: '2001:db8::39', maasUrl: 'http://[2001:db8::39]:5240/MAAS' },
    ],
    [
      'an IPv6 address beside the IPv4 one',
      { more: 'also_vips: ["2001:DB8:0::39"]' },
      { alsoVips: ['2001:db8::39'] },
    ],
    ['no further address', { more: 'also_vips: []' }, {}],
    [
      'an IPv4 address in IPv6 clothes',
      { more: 'trusted_servers: ["::ffff:172.31.16.1"]' },
      { trustedServers: ['172.31.16.1'] },
    ],
    ['a marker', { more: 'marker: { path: /node }' }, { marker: { port: 80, path: '/node' } }],
    [
      'a marker elsewhere',
      { more: 'marker: { port: 81, path: / }' },
      { marker: { port: 81, path: '/' } },
    ],
    ['TLS as the system trusts it', { url: HTTPS, more: 'maas_tls: {}' }, { maasTls: {} }],
    [
      'TLS with a name of its own',
      { url: HTTPS, more: 'maas_tls: { server_name: maas.example.org }' },
      { maasTls: { serverName: 'maas.example.org' } },
    ],
    [
      'a canary, with pgpool',
      { more: `postgres: { user: m, canary: { table: maasha.canary } }\n${PGPOOL}` },
      {
        postgres: { port: 5432, user: 'm', database: 'maasdb', canary: { table: 'maasha.canary' } },
      },
    ],
    [
      'slave DNS servers of their own',
      { more: 'dns: { zones: [maas3], slaves: [{ name: ns1, address: 172.31.16.36 }] }' },
      {
        dns: {
          masterPort: 5353,
          slavePort: 53,
          zones: ['maas3'],
          slaves: [{ name: 'ns1', address: '172.31.16.36' }],
        },
      },
    ],
    [
      'no slave DNS',
      { more: 'dns: { zones: [maas3], slaves: [] }' },
      { dns: { masterPort: 5353, slavePort: 53, zones: ['maas3'], slaves: [] } },
    ],
    [
      'a name outside, and whole zones compared',
      { more: 'dns: { zones: [maas3], outside_name: www.example.org., transfer: true }' },
      {
        dns: {
          masterPort: 5353,
          slavePort: 53,
          zones: ['maas3'],
          outsideName: 'www.example.org',
          transfer: true,
        },
      },
    ],
    [
      'a name outside that only ends like a zone',
      { more: 'dns: { zones: [maas3], outside_name: othermaas3 }' },
      {},
    ],
  ])('%s', (_, parts, expected) => {
    expect(load(parts)).toMatchObject(expected);
  });

  it('the certificate authority of PostgreSQL and MAAS is read, and never shown', () => {
    const region = load({
      url: HTTPS,
      more: 'maas_tls: { ca_file: ca.pem }\npostgres: { user: m, tls: { ca_file: ca.pem, server_name: db } }',
    });
    expect(region.maasTls?.ca?.reveal()).toBe('canary-of-the-ca');
    expect(region.postgres?.tls?.ca?.reveal()).toBe('canary-of-the-ca');
    expect(region.postgres?.tls?.serverName).toBe('db');
    expect(JSON.stringify(region)).not.toContain('canary');
  });

  it('what is not said is absent', () => {
    const region = load({ more: 'postgres: { user: m }\ndns: { zones: [maas3] }' });
    for (const key of ['alsoVips', 'marker', 'maasTls']) expect(region).not.toHaveProperty(key);
    for (const key of ['tls', 'canary']) expect(region.postgres).not.toHaveProperty(key);
    for (const key of ['slaves', 'outsideName', 'transfer'])
      expect(region.dns).not.toHaveProperty(key);
    expect(slavesOf(region).map(({ name }) => name)).toEqual(['rc1', 'rc2']);
    expect(slavesOf(load({}))).toEqual([]);
  });
});

describe('is wrong, and told with what was expected:', () => {
  test.each<[string, Parts, string]>([
    [
      'a MAC address that is none',
      { nodes: ['{ name: rc1, address: 172.31.16.32, mac: 02-00-ac-1f-10-20 }'] },
      'nodes[0].mac: found "02-00-ac-1f-10-20", expected a MAC address such as',
    ],
    [
      'one MAC address for two nodes',
      {
        nodes: [
          '{ name: rc1, address: 172.31.16.32, mac: "02:00:ac:1f:10:20" }',
          '{ name: rc2, address: 172.31.16.33, mac: "02:00:AC:1F:10:20" }',
        ],
      },
      'nodes[1].mac: found "02:00:AC:1F:10:20" a second time, expected a MAC address of its own',
    ],
    [
      'a node with the DNS master’s name',
      { nodes: ['{ name: vip, address: 172.31.16.32 }'] },
      'nodes[0].name: found "vip", expected another name',
    ],
    [
      'one IPv6 address written in two ways',
      {
        vip: '"2001:db8::39"',
        nodes: ['{ name: rc1, address: "2001:0DB8:0:0::39" }'],
      },
      'nodes[0].address: found "2001:0DB8:0:0::39" a second time, expected an address of its own',
    ],
    [
      'an IPv4 address and the same in IPv6 clothes',
      { more: 'also_vips: ["::ffff:172.31.16.39"]' },
      'also_vips[0]: found "::ffff:172.31.16.39" a second time',
    ],
    [
      'a further address twice',
      { more: 'also_vips: ["2001:db8::39", "2001:db8:0::39"]' },
      'also_vips[1]: found "2001:db8:0::39" a second time',
    ],
    [
      'a further address that a node has',
      { more: 'also_vips: [172.31.16.33]' },
      'also_vips[0]: found "172.31.16.33" a second time',
    ],
    ['a further address that is none', { more: 'also_vips: [vip6]' }, 'also_vips[0]: found "vip6"'],
    ['one further address without a list', { more: 'also_vips: 1.2.3.4' }, 'a list of addresses'],
    ['a marker’s path that is none', { more: 'marker: { path: node }' }, 'a path such as /node'],
    ['a marker without a path', { more: 'marker: {}' }, 'marker.path: found nothing'],
    ['a marker’s port', { more: 'marker: { port: 0, path: /node }' }, 'marker.port: found 0'],
    [
      'TLS without https',
      { more: 'maas_tls: {}' },
      'maas_tls: found {}, expected an https `maas_url` beside it',
    ],
    [
      'a certificate authority that is not there',
      { url: HTTPS, more: 'maas_tls: { ca_file: none.pem }' },
      'maas_tls.ca_file: found "none.pem", which cannot be read (ENOENT)',
    ],
    [
      'a slip in a TLS section',
      { url: HTTPS, more: 'maas_tls: { ca_fil: ca.pem }' },
      'did you mean "ca_file"?',
    ],
    [
      'a canary without pgpool',
      { more: 'postgres: { user: m, canary: { table: maasha.canary } }' },
      'postgres.canary: found {"table":"maasha.canary"}, expected a section `pgpool` beside it',
    ],
    [
      'a canary that is no table',
      { more: `postgres: { user: m, canary: { table: "canary; DROP TABLE x" } }\n${PGPOOL}` },
      'postgres.canary.table: found "canary; DROP TABLE x", expected a table',
    ],
    [
      'one slave’s name twice',
      {
        more: 'dns: { zones: [a], slaves: [{ name: n, address: 1.2.3.4 }, { name: n, address: 1.2.3.5 }] }',
      },
      'dns.slaves[1].name: found "n" a second time, expected each slave’s name once',
    ],
    [
      'one slave’s address twice',
      {
        more: 'dns: { zones: [a], slaves: [{ name: n, address: "::1" }, { name: m, address: "0:0::1" }] }',
      },
      'dns.slaves[1].address: found "0:0::1" a second time',
    ],
    [
      'a slave with the master’s name',
      { more: 'dns: { zones: [a], slaves: [{ name: vip, address: 1.2.3.4 }] }' },
      'dns.slaves[0].name: found "vip", expected another name',
    ],
    [
      'a slave by its name alone',
      { more: 'dns: { zones: [a], slaves: [ns1.example.org] }' },
      'a server: { name: ns1, address:',
    ],
    [
      'an outside name that lies in a zone',
      { more: 'dns: { zones: [maas3], outside_name: www.MAAS3. }' },
      'dns.outside_name: found "www.MAAS3.", expected a name outside of MAAS: this one lies in the zone maas3',
    ],
    [
      'an outside name that is a zone',
      { more: 'dns: { zones: [maas3], outside_name: maas3 }' },
      'expected a name outside of MAAS',
    ],
    [
      'a transfer that is no answer',
      { more: 'dns: { zones: [a], transfer: axfr }' },
      'true or false',
    ],
    ['one zone in two spellings', { more: 'dns: { zones: [maas3, MAAS3.] }' }, 'each zone once'],
  ])('%s', (_, parts, expected) => {
    expect(problems(parts)).toContain(expected);
    expect(problems(parts)).not.toContain('canary-of');
  });
});
