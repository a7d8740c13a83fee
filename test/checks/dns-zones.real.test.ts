import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import check from '../../checks/dns-zones.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { DnsPort } from '../../src/core/ports/dns.ts';
import { systemClock } from '../../src/io/clock.ts';
import { DnsSockets } from '../../src/io/dns.ts';
import { PostgresConnections } from '../../src/io/postgres.ts';
import { Scope } from '../../src/io/scope.ts';
import { SimDnsServer } from '../sim/dns-server.ts';
import { asMaas, installMaas, regionOf } from '../support/maas-pair.ts';
import { firstGenerationRows, secondGenerationRows } from '../support/maas-schema.ts';
import { fakePorts } from '../support/ports.ts';
import { freshPlaces, startPair, type Pair } from '../support/postgres.ts';
import { runCheck } from '../support/run-check.ts';

/* The tables of MAAS in a real PostgreSQL, and three DNS servers of this process. */

const CLUSTERS = [
  { uuid: 'u4', name: 'cc1', zone: 'maas4', address: '10.0.4.34' },
  { uuid: 'u5', name: 'cc2', zone: 'maas5', address: '10.0.4.35' },
];
const ZONES = ['maas4', 'maas5', '4.0.10.in-addr.arpa'];

let servers: Record<'vip' | 'rc1' | 'rc2', SimDnsServer>;
let sockets: DnsSockets;
let connections: PostgresConnections;
let pair: Pair;

const start = () => SimDnsServer.start({ host: '127.0.0.1', port: 0 });

beforeAll(() => {
  connections = new PostgresConnections({ keep: true });
});
afterAll(async () => {
  await connections.close();
});
beforeEach(async () => {
  sockets = new DnsSockets();
  servers = { vip: await start(), rc1: await start(), rc2: await start() };
});
afterEach(async () => {
  sockets.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

const serve = (zones: readonly string[], serial = 100_000): void => {
  for (const server of Object.values(servers))
    for (const zone of zones) server.zones.set(zone, { serial });
};

const look = async (
  given: {
    readonly generation?: 1 | 2;
    readonly user?: string;
    readonly watched?: readonly string[];
    readonly failing?: Partial<Record<string, FailureCode>>;
  } = {},
) => {
  const { generation = 1, user, watched = ZONES, failing = {} } = given;
  const scope = new Scope(systemClock, new AbortController().signal);
  try {
    const port = sockets.port(scope);
    const query: DnsPort['query'] = async (to, question, options) => {
      const name = to.host.endsWith('.39') ? 'vip' : to.host === '10.9.9.1' ? 'rc1' : 'rc2';
      const code = failing[name];
      if (code !== undefined) throw new CheckFailure(code, `${name}: ${code}`);
      return port.query(servers[name].endpoint, question, options);
    };
    const slaves = [
      { name: 'rc1', address: '10.9.9.1' },
      { name: 'rc2', address: '10.9.9.2' },
    ];
    const dns = { masterPort: 5353, slavePort: 53, zones: watched, slaves };
    const target = regionOf(pair, { generation, dns }, user);
    const ports = fakePorts({ dns: { ...port, query }, postgres: connections.port(scope) });
    return await runCheck(check, target, ports, { clock: systemClock });
  } finally {
    scope.leave();
  }
};
type Ran = Awaited<ReturnType<typeof look>>;
const says = (ran: Ran) => ran.evidence.map((each) => `${each.subject}: ${each.says}`);
const missing = (ran: Ran, server: string) =>
  ran.values[`maasha_dns_zones_missing{server="${server}"}`];

describe('dns-zones on the tables of MAAS 1.x', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    pair = await startPair(freshPlaces());
    await installMaas(pair, 1);
    await asMaas(pair, firstGenerationRows(CLUSTERS));
  });
  afterAll(() => pair.stop());

  it('finds forward and reverse zones in the database, and all of them served', async () => {
    serve(ZONES);
    const ran = await look();
    expect(['vip', 'rc1', 'rc2'].map((server) => missing(ran, server))).toEqual([0, 0, 0]);
    expect([ran.alerts, ran.gaps, ran.skips, ran.evidence]).toEqual([[], [], [], []]);
  });

  it('finds that a slave lacks a zone which nobody watches', async () => {
    serve(ZONES);
    servers.rc2.zones.delete('4.0.10.in-addr.arpa');
    const ran = await look({ watched: ['maas4', 'maas5'] });
    expect(ran.alerts).toEqual(['MaasHaDnsZoneMissing rc2']);
    expect(says(ran)).toEqual([
      'rc2: does not have 4.0.10.in-addr.arpa',
      'configuration: MAAS has zones that `dns.zones` does not name: 4.0.10.in-addr.arpa',
    ]);
  });

  it('tells what the master lacks of the master alone', async () => {
    serve(['maas4', '4.0.10.in-addr.arpa']);
    const ran = await look({ watched: ['maas4'] });
    expect(ran.alerts).toEqual(['MaasHaDnsZoneMissing vip']);
    expect(missing(ran, 'rc1')).toBe(0);
  });

  it('leaves zones that are watched one by one to those who watch them', async () => {
    serve(ZONES);
    servers.rc1.zones.delete('maas5');
    const ran = await look();
    expect(ran.alerts).toEqual([]);
    expect(says(ran)).toEqual(['rc1: does not have maas5']);
  });

  it('names what is watched and no zone of MAAS', async () => {
    serve([...ZONES, 'maas9']);
    const ran = await look({ watched: [...ZONES, 'maas9'] });
    expect(ran.alerts).toEqual([]);
    expect(says(ran)).toEqual(['configuration: `dns.zones` names what is no zone of MAAS: maas9']);
  });

  it('expects no zone of a cluster without managed DNS, or that is not accepted', async () => {
    serve(ZONES.filter((zone) => zone !== 'maas5'));
    const undone = `UPDATE maasserver_nodegroupinterface SET management = 2`;
    await asMaas(
      pair,
      `UPDATE maasserver_nodegroupinterface SET management = 1 WHERE ip = '10.0.4.35'`,
    );
    try {
      expect((await look({ watched: ['maas4'] })).alerts).toEqual([]);
    } finally {
      await asMaas(pair, undone);
    }
    await asMaas(pair, `UPDATE maasserver_nodegroup SET status = 2 WHERE name = 'maas5'`);
    try {
      expect((await look({ watched: ['maas4'] })).alerts).toEqual([]);
    } finally {
      await asMaas(pair, `UPDATE maasserver_nodegroup SET status = 1`);
    }
  });

  it('leaves a gap for a server that does not answer', async () => {
    serve(ZONES);
    const ran = await look({ failing: { rc1: 'timeout' } });
    expect(ran.gaps).toMatchObject([{ subject: 'rc1', failure: { code: 'timeout' } }]);
    expect(missing(ran, 'rc1')).toBeUndefined();
    expect(missing(ran, 'rc2')).toBe(0);
  });

  it('gives the exact statements to an account that may not look', async () => {
    await pair.sql('primary', `CREATE ROLE nobody_yet LOGIN PASSWORD '${pair.password}'`);
    const ran = await look({ user: 'nobody_yet' });
    expect(ran.values).toEqual({});
    expect(ran.skips).toMatchObject([{ subject: 'zones', code: 'no_privilege' }]);
    expect(ran.skips[0]?.reason).toContain('GRANT SELECT (');
    const statements = /GRANT .*/.exec(ran.skips[0]?.reason ?? '')?.[0] ?? '';
    await asMaas(pair, statements);
    serve(ZONES);
    const seen = await look({ user: 'nobody_yet' });
    // Names alone: what the master serves of them is a zone of MAAS for sure.
    expect(missing(seen, 'rc1')).toBe(0);
  });

  it('goes by the names of clusters where it may not see their networks', async () => {
    await pair.sql('primary', `CREATE ROLE half LOGIN PASSWORD '${pair.password}'`);
    await asMaas(pair, 'GRANT SELECT (name, status) ON maasserver_nodegroup TO half');
    serve(['maas4', 'maas5']);
    servers.vip.zones.delete('maas5');
    servers.rc2.zones.delete('maas4');
    const ran = await look({ user: 'half', watched: ['maas3'] });
    // That the master lacks maas5 may be right: MAAS may keep it without DNS.
    expect(ran.alerts).toEqual(['MaasHaDnsZoneMissing rc2']);
    expect(ran.skips[0]?.reason).toContain('maasserver_nodegroupinterface');
  });

  it('goes by the names of clusters in MAAS 1.9, whose networks are elsewhere', async () => {
    serve(['maas4', 'maas5']);
    const rename = (from: string, to: string) =>
      asMaas(pair, `ALTER TABLE maasserver_nodegroupinterface RENAME ${from} TO ${to}`);
    await rename('subnet_mask', 'subnet_id_');
    try {
      const ran = await look({ watched: ['maas4', 'maas5'] });
      expect([ran.alerts, ran.gaps, ran.skips]).toEqual([[], [], []]);
      expect(says(ran).at(-1)).toContain('only those that the master serves');
    } finally {
      await rename('subnet_id_', 'subnet_mask');
    }
  });
});

describe('dns-zones on the tables of MAAS 2.0 and later', { timeout: 60_000 }, () => {
  const SECOND = ['maas3', '16.31.172.in-addr.arpa'];
  const rows = secondGenerationRows({ regions: { rc1: '10.0.0.1' }, racks: ['cc1'] });
  const look2 = (watched = SECOND) => look({ generation: 2, watched });
  const publish = (serial: number, ago: number) =>
    asMaas(
      pair,
      `INSERT INTO maasserver_dnspublication (serial, source, created)
       VALUES (${serial}, 'test', now() - interval '${ago} seconds')`,
    );

  beforeAll(async () => {
    pair = await startPair(freshPlaces());
    await installMaas(pair, 2);
  });
  beforeEach(() => asMaas(pair, rows));
  afterAll(() => pair.stop());

  it('finds domains, reverse zones and the publication, and all in order', async () => {
    serve(SECOND);
    const ran = await look2();
    expect(ran.values).toMatchObject({
      'maasha_dns_zones_missing{server="vip"}': 0,
      'maasha_dns_serial_published{}': 100_000,
      'maasha_dns_not_from_database{}': 0,
    });
    expect([ran.alerts, ran.gaps, ran.skips, ran.evidence]).toEqual([[], [], [], []]);
  });

  it('finds each of the zones that a network is split into', async () => {
    serve(SECOND);
    await asMaas(
      pair,
      `INSERT INTO maasserver_subnet (cidr, rdns_mode) VALUES ('10.1.16.0/20', 2), ('192.168.5.64/26', 2),
         ('10.7.0.0/16', 0)`,
    );
    const ran = await look2();
    expect(missing(ran, 'vip')).toBe(17);
    expect(says(ran)[0]).toContain('13 more');
  });

  it('finds that the region does not write what MAAS published, after two minutes', async () => {
    serve(SECOND);
    await publish(100_005, 30);
    expect((await look2()).alerts).toEqual([]);
    await publish(100_006, 130);
    // The newest by its id counts, as in MAAS; its age too.
    const late = await look2();
    expect(late.alerts).toEqual(['MaasHaDnsNotFromDatabase']);
    expect(says(late)[0]).toContain('the region does not write it: the master serves');
  });

  it('finds that the master is ahead of what the database published', async () => {
    serve(SECOND, 100_050);
    const ran = await look2();
    expect(ran.alerts).toEqual(['MaasHaDnsNotFromDatabase']);
    expect(says(ran)[0]).toMatch(/its database went back, for the master serves .*maas3 100050/);
  });

  it('compares only zones that MAAS wrote', async () => {
    serve(SECOND);
    servers.vip.zones.set('maas3', { serial: 7, mailbox: 'hostmaster.other' });
    expect((await look2()).alerts).toEqual([]);
  });

  it('says that nothing is published yet, and does not judge', async () => {
    serve(SECOND);
    await asMaas(pair, 'TRUNCATE maasserver_dnspublication');
    const ran = await look2();
    expect(ran.values).not.toHaveProperty('maasha_dns_not_from_database{}');
    expect(says(ran)).toEqual(['publication: MAAS has published nothing yet']);
  });

  it('does not take the tables of another generation for its own', async () => {
    const ran = await look({ generation: 1 });
    expect(ran.values).toEqual({});
    expect(ran.gaps).toMatchObject([{ failure: { code: 'config' } }]);
  });
});
