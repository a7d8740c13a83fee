import { describe, expect, it } from 'vitest';
import { dnsRights } from '../../src/analysis/rights/dns.ts';
import { findRights } from '../../src/analysis/rights/find.ts';
import { maasRpcRights } from '../../src/analysis/rights/maas.ts';
import { pgpoolRights } from '../../src/analysis/rights/pgpool.ts';
import type { Asker, Right } from '../../src/analysis/rights/right.ts';
import { wireRights } from '../../src/analysis/rights/wire.ts';
import { exitOf, toDo } from '../../src/cli/rights-text.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { DnsPort, DnsReply } from '../../src/core/ports/dns.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { wholeRegion } from '../checks/healthy-region.ts';
import { advertising, failingPorts, healthyPorts, loops, LOOPS } from '../checks/healthy.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';

const OWN = '172.31.16.40';
const asker = (io: Partial<Ports>, region: Region = wholeRegion()): Asker => ({
  region,
  io: fakePorts(io),
  source: () => OWN,
});
const fails = (code: FailureCode, message: string = code, facts = {}): never => {
  throw new CheckFailure(code, message, { facts });
};

const said = (rights: readonly Right[]): readonly string[] =>
  rights.map(({ where, may, needed }) => `${where} ${may}${needed ? '' : ' (optional)'}`);
const linesFor = (rights: readonly Right[], host: string): readonly string[] =>
  toDo(rights)
    .filter((each) => each.host === host)
    .flatMap(({ lines }) => lines);

describe('pgpool', () => {
  const pgpool = wholeRegion().pgpool ?? { port: 9999 };
  const account = wholeRegion().postgres;
  const session: Ports['pcp']['login'] = () =>
    Promise.resolve({
      took: seconds(0.01),
      nodeCount: () => Promise.resolve(2),
      nodeInfo: () => Promise.resolve([]),
      watchdogInfo: async () => fails('protocol', 'watchdog is not enabled', { answered: true }),
    });

  it('that lets the account in is seen, even where it has no watchdog to show', async () => {
    const rights = await pgpoolRights(asker({ pcp: { login: session } }), pgpool, undefined);
    expect(said(rights)).toEqual(['rc1 yes', 'rc2 yes']);
  });

  it('that refuses the PCP account names the line of pcp.conf, on the nodes that lack it', async () => {
    const login: Ports['pcp']['login'] = (server, limit) =>
      server.host.endsWith('.33')
        ? Promise.reject(new CheckFailure('auth', 'no'))
        : session(server, limit);
    const rights = await pgpoolRights(asker({ pcp: { login } }), pgpool, undefined);
    expect(said(rights)).toEqual(['rc1 yes', 'rc2 no']);
    expect(linesFor(rights, 'rc1')).toEqual([]);
    expect(linesFor(rights, 'rc2').join()).toContain(`root "$(pg_md5 PASSWORD)"`);
    expect(JSON.stringify(rights)).not.toContain('lab-pcp');
  });

  it('that is silent is not known; where a firewall may be at work, it is said what to let through', async () => {
    const io = { pcp: { login: async () => fails('timeout') } };
    const rights = await pgpoolRights(asker(io), pgpool, undefined);
    expect(said(rights)).toEqual(['rc1 unknown', 'rc2 unknown']);
    expect(linesFor(rights, 'rc1')).toEqual([`# let ${OWN} reach port 9898`]);
  });

  it('without a PCP account is optional, and asked over SQL on each node', async () => {
    const open = async () =>
      fails('auth', 'no pool_hba.conf entry', { noLineIn: 'pool', from: '10.0.0.7' });
    const rights = await pgpoolRights(asker({ postgres: { open } }), { port: 9999 }, account);
    expect(said(rights)).toEqual([
      ...['rc1 no (optional)', 'rc2 no (optional)'],
      ...['vip no', 'rc1 no', 'rc2 no'],
    ]);
    // As pgpool sees us, which is not as we see ourselves.
    expect(linesFor(rights, 'rc2').join()).toContain('host maasdb maasha 10.0.0.7/32');
    expect(linesFor(rights, 'monitor')).toContain('pcp_user: maasha');
  });

  it('that has another password for the role is told to be given the right one', async () => {
    const open = async () => fails('auth', 'password authentication failed');
    const rights = await pgpoolRights(
      asker({ pcp: { login: session }, postgres: { open } }),
      pgpool,
      account,
    );
    expect(linesFor(rights, 'rc1').join()).toContain('pg_enc -m -u maasha');
    expect(linesFor(rights, 'rc1').join()).not.toContain('pool_hba');
  });
});

describe('DNS', () => {
  const reply = (changes: Partial<DnsReply> = {}): DnsReply => ({
    rcode: 'NOERROR',
    authoritative: true,
    answers: [{ type: 'TXT', name: 'hostname.bind', text: 'rc1' }],
    transport: 'udp',
    took: seconds(0.01),
    ...changes,
  });
  const zone = { serial: 1, records: 1, digest: '', octets: 1, took: seconds(0.1) };
  const dns: DnsPort = { query: async () => reply(), transfer: async () => zone };
  const section = {
    masterPort: 5353,
    slavePort: 53,
    zones: ['maas3', 'maas4'],
    outsideName: 'www.example.org',
    transfer: true,
  };
  const ask = (port: Partial<DnsPort>, changes = {}) =>
    dnsRights(
      asker({ dns: { ...dns, ...port } }, wholeRegion({ dns: { ...section, ...changes } })),
      {
        ...section,
        ...changes,
      },
    );

  it('that answers all of it is seen', async () => {
    expect(new Set((await ask({})).map(({ may }) => may))).toEqual(new Set(['yes']));
  });

  it('that refuses one zone names allow-query, with the monitor’s own address', async () => {
    const rights = await ask({
      query: async ({ host }, { name }) =>
        reply(host.endsWith('.33') && name === 'maas4' ? { rcode: 'REFUSED', answers: [] } : {}),
    });
    expect(rights.filter(({ may }) => may === 'no')).toMatchObject([
      { where: 'rc2', why: expect.stringContaining('maas4') as string },
    ]);
    expect(linesFor(rights, 'rc2')).toEqual([`allow-query { ${OWN}; };`]);
    expect(linesFor(rights, 'rc1')).toEqual([]);
  });

  it('that hides on which node the master runs is no fault of anybody, and said on both nodes', async () => {
    const rights = await ask({
      query: async (_, { type }) => reply(type === 'TXT' ? { rcode: 'REFUSED', answers: [] } : {}),
    });
    expect(rights.filter(({ may }) => may === 'no')).toMatchObject([
      { where: 'vip', needed: false },
    ]);
    expect(linesFor(rights, 'rc2')).toEqual(['hostname "rc2";']);
  });

  it('that gives no whole zones names allow-transfer; slaves that give none can be done without', async () => {
    const rights = await ask({ transfer: async () => fails('no_privilege', 'REFUSED') });
    expect(said(rights.filter(({ may }) => may === 'no'))).toEqual([
      'vip no',
      'rc1 no (optional)',
      'rc2 no (optional)',
    ]);
    expect(linesFor(rights, 'rc1')).toEqual([`allow-transfer { ${OWN}; };`]);
  });

  it.each([
    ['refuses', { rcode: 'REFUSED', authoritative: false, answers: [] }],
    ['gives no answer and no error', { authoritative: false, answers: [] }],
  ])('that %s a name outside names allow-recursion', async (_, changes) => {
    const rights = await ask({
      query: async (__, { recurse }) => reply(recurse === true ? changes : {}),
    });
    expect(linesFor(rights, 'rc1')).toEqual([`allow-recursion { ${OWN}; };`]);
  });

  it('is not asked for what is not configured, nor slaves that do not exist', async () => {
    const bare = { masterPort: 5353, slavePort: 53, zones: ['maas3'], slaves: [] };
    const rights = await dnsRights(asker({ dns }, wholeRegion({ dns: bare })), bare);
    expect(said(rights)).toEqual(['vip yes', 'vip yes (optional)']);
  });

  it('that is silent is not known', async () => {
    const rights = await ask({ query: async () => fails('timeout') });
    expect(
      rights.filter(({ checks }) => checks.includes('dns-zones')).map(({ may }) => may),
    ).toEqual(['unknown', 'unknown', 'unknown']);
  });
});

describe('the wire', () => {
  const echo = { method: 'raw', sent: 1, received: 0, roundTrips: [] } as const;
  const region = wholeRegion({ interface: 'eth0' });

  it('that may be used is seen, whoever answers', async () => {
    const io = {
      icmp: { ping: async () => echo },
      arp: { whoHas: async () => ({ macs: [], own: false }) },
    };
    expect(said(await wireRights(asker(io, region)))).toEqual([
      'monitor yes (optional)',
      'monitor yes',
    ]);
  });

  it('that may not be used names the capability, once for both', async () => {
    const io = {
      icmp: { ping: async () => fails('no_privilege') },
      arp: { whoHas: async () => fails('no_privilege') },
    };
    const rights = await wireRights(asker(io, region));
    expect(said(rights)).toEqual(['monitor no (optional)', 'monitor no']);
    const lines = linesFor(rights, 'monitor');
    expect(lines.filter((line) => line.includes('AmbientCapabilities=CAP_NET_RAW'))).toHaveLength(
      1,
    );
    expect(lines.join()).toContain('iputils-arping');
  });

  it('is not asked by ARP without an interface, and cannot be where the virtual address is IPv6', async () => {
    const io = { icmp: { ping: async () => echo } };
    const without = Object.fromEntries(
      Object.entries(region).filter(([key]) => key !== 'interface'),
    ) as unknown as Region;
    expect(await wireRights(asker(io, without))).toHaveLength(1);
    const six = { ...region, vip: '2001:db8::39' };
    expect(said(await wireRights(asker(io, six)))[1]).toBe('monitor unknown (optional)');
  });

  it('with an interface that there is not is a mistake of the configuration', async () => {
    const io = {
      icmp: { ping: async () => echo },
      arp: { whoHas: async () => fails('config', 'no such interface') },
    };
    expect(linesFor(await wireRights(asker(io, region)), 'monitor').join()).toContain(
      'interface: eth0',
    );
  });
});

describe('the region', () => {
  const clock = new FakeClock();
  it('that holds the configured secret is seen', async () => {
    const io = { http: advertising(LOOPS), amp: loops() };
    expect(said(await maasRpcRights(asker(io), clock))).toEqual(['vip yes', 'rc1 yes (optional)']);
  });

  it('that holds another one, or for which none is configured, says which file', async () => {
    const io = { http: advertising(LOOPS), amp: loops() };
    const rpc = { secret: new Secret('ff'.repeat(16)), interval: seconds(60) };
    const other = await maasRpcRights(asker(io, wholeRegion({ rpc })), clock);
    const none = await maasRpcRights(
      asker(io, wholeRegion({ rpc: { interval: seconds(60) } })),
      clock,
    );
    for (const rights of [other, none]) {
      expect(said(rights)).toEqual(['vip yes', 'rc1 no (optional)']);
      expect(linesFor(rights, 'monitor')).toEqual(['rpc: { secret_file: /etc/maasha/rpc }']);
    }
  });

  it('whose certificate nobody vouches for says which section', async () => {
    const get = async () => fails('tls', 'self-signed certificate');
    const rights = await maasRpcRights(asker({ http: { get } }), clock);
    expect(said(rights)).toEqual(['vip no']);
    expect(linesFor(rights, 'monitor').join()).toContain('maas_tls:');
  });

  it('is never greeted at an address that is no node of it', async () => {
    const io = { http: advertising({ 'x:pid=1': [['10.9.9.9', 5250]] }) };
    expect(said(await maasRpcRights(asker(io), clock))).toEqual(['vip yes']);
  });
});

describe('all of it', async () => {
  const names = await loadChecks();

  it.each(['timeout', 'refused', 'auth', 'tls', 'protocol', 'no_privilege', 'dependency'] as const)(
    'comes to an end, and to no defect, when every question comes to %s',
    async (code) => {
      const rights = await findRights(
        {
          region: wholeRegion({ interface: 'eth0' }),
          io: failingPorts(code),
          source: () => undefined,
        },
        new FakeClock(),
        names,
      );
      expect(rights.filter(({ may }) => may === 'yes')).toEqual([]);
      expect(exitOf(rights)).toBe(3);
      expect(JSON.stringify(rights)).not.toMatch(/TypeError|lab-pcp|pg-secret/);
    },
  );

  it('speaks of checks that exist there, and of no other', async () => {
    const rights = await findRights(asker(healthyPorts()), new FakeClock(), [{ name: 'vip' }]);
    expect(rights.flatMap((right) => right.checks)).toEqual(['vip']);
  });
});
