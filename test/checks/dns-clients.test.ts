import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import check from '../../checks/dns-clients.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { DnsPort } from '../../src/core/ports/dns.ts';
import { DnsSockets } from '../../src/io/dns.ts';
import { SimDnsServer } from '../sim/dns-server.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';

const [INSIDE, OUTSIDE] = ['node1.maas3', 'www.example.org'] as const;
const SERVERS = ['rc1', 'rc2'] as const;

let servers: Record<(typeof SERVERS)[number], SimDnsServer>;
let sockets: DnsSockets;

const start = async (): Promise<SimDnsServer> => {
  const server = await SimDnsServer.start({ host: '127.0.0.1', port: 0 });
  server.zones.set('maas3', { serial: 102 });
  server.outside.set(INSIDE, '172.31.16.50');
  server.outside.set(OUTSIDE, '192.0.2.80');
  return server;
};

beforeEach(async () => {
  sockets = new DnsSockets();
  servers = { rc1: await start(), rc2: await start() };
});

afterEach(async () => {
  sockets.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

type Dns = NonNullable<ReturnType<typeof region>['dns']>;
const BARE: Dns = { masterPort: 5353, slavePort: 53, zones: ['maas3'] };
const CONFIGURED: Dns = { ...BARE, insideName: INSIDE, outsideName: OUTSIDE };

/** One look; a failure is thrown at once, and counts as what a machine waits. */
const look = (dns: Dns = CONFIGURED, failing: Partial<Record<string, FailureCode>> = {}) =>
  inRun((scope) => {
    const port = sockets.port(scope);
    const query: DnsPort['query'] = async (to, question, options) => {
      const name = to.host.endsWith('.32') ? 'rc1' : 'rc2';
      const code = failing[name] ?? failing[`${name} ${question.name}`];
      if (code !== undefined) throw new CheckFailure(code, `${name}: ${code}`);
      return port.query(servers[name].endpoint, question, options);
    };
    return runCheck(check, region({ dns }), fakePorts({ dns: { ...port, query } }));
  });

const resolvers = (name: string): string => `maasha_dns_client_resolvers{name="${name}"}`;
const wait = (server: string, name: string): string =>
  `maasha_dns_client_wait_seconds{server="${server}",name="${name}"}`;
const works = (server: string): string => `maasha_dns_client_resolver_works{server="${server}"}`;

describe('dns-clients, when all is well', () => {
  it('finds both resolvers with both names, and a short wait whichever comes first', async () => {
    const { values, alerts, gaps, skips } = await look();
    expect(values).toMatchObject({
      [resolvers('inside')]: 2,
      [resolvers('outside')]: 2,
      [works('rc1')]: 1,
      [works('rc2')]: 1,
      'maasha_dns_client_resolvers_disagree{}': 0,
    });
    for (const server of SERVERS)
      for (const name of ['inside', 'outside']) expect(values[wait(server, name)]).toBeLessThan(5);
    expect([alerts, gaps, skips]).toEqual([[], [], []]);
  });

  it('asks recursively, and each question by one datagram', async () => {
    await look();
    expect(servers.rc1.asked.toSorted()).toEqual([`udp ${INSIDE} A`, `udp ${OUTSIDE} A`]);
  });

  it('asks for the first zone itself where no name of MAAS is configured', async () => {
    const { values, alerts } = await look({ ...BARE, outsideName: OUTSIDE });
    expect(servers.rc1.asked).toContain('udp maas3 SOA');
    expect(values[resolvers('inside')]).toBe(2);
    expect(alerts).toEqual([]);
  });

  it('asks for nothing outside where no name is configured, and says so', async () => {
    const { values, skips, inapplicable } = await look({ ...BARE, insideName: INSIDE });
    expect(Object.keys(values).filter((key) => key.includes('outside'))).toEqual([]);
    expect(values[works('rc1')]).toBe(1);
    expect(skips).toMatchObject([{ subject: 'outside', code: 'config' }]);
    expect(inapplicable).toContain('maasha_dns_client_resolvers{name="outside"}');
  });

  it('takes an answer that had to be fetched over TCP, and says so', async () => {
    servers.rc1.truncate = true;
    const { alerts, evidence } = await look();
    expect(alerts).toEqual([]);
    expect(evidence[0]?.says).toContain('cut off by UDP');
  });
});

describe('dns-clients, with one resolver dead', () => {
  it('shows what a machine waits that asks the silent one first', async () => {
    const { values, alerts, evidence } = await look(CONFIGURED, { rc2: 'timeout' });
    expect(values).toMatchObject({ [resolvers('inside')]: 1, [works('rc2')]: 0 });
    expect(values[wait('rc1', 'inside')]).toBeLessThan(5);
    expect(values[wait('rc2', 'inside')]).toBeGreaterThan(5);
    expect(alerts).toEqual([
      'MaasHaDnsResolverFailing rc2',
      'MaasHaDnsClientsSlow rc2 inside',
      'MaasHaDnsClientsSlow rc2 outside',
    ]);
    expect(evidence.map(({ says }) => says).join('\n')).toMatch(
      /with rc2 first, a machine that looks up a name inside of MAAS has its answer after 5(\.\d)?s/,
    );
  });

  it('knows that one where nobody listens costs no wait', async () => {
    const { values, alerts } = await look(CONFIGURED, { rc1: 'refused' });
    expect(values[wait('rc1', 'inside')]).toBeLessThan(5);
    expect(values).not.toHaveProperty(
      'maasha_dns_client_answer_seconds{server="rc1",name="inside"}',
    );
    expect(alerts).toEqual(['MaasHaDnsResolverFailing rc1']);
  });

  it('shows that nothing resolves, and when a machine gives up, with both dead', async () => {
    const { values, alerts } = await look(CONFIGURED, { rc1: 'timeout', rc2: 'timeout' });
    expect(values).toMatchObject({
      [resolvers('inside')]: 0,
      [resolvers('outside')]: 0,
      [wait('rc1', 'inside')]: 20,
      [wait('rc2', 'outside')]: 20,
    });
    expect(alerts).toContain('MaasHaDnsClientsBlind inside');
    expect(alerts).toContain('MaasHaDnsClientsBlind outside');
  });
});

describe('dns-clients, with answers that are no help', () => {
  it.each([
    ['refused', 'refuses', 'answers REFUSED'],
    ['servfail', 'fails', 'answers SERVFAIL'],
    ['nxdomain', 'denies', 'answers NXDOMAIN'],
  ])('finds one that answers %s while the other resolves', async (mode, state, says) => {
    servers.rc2.outside.set(OUTSIDE, mode);
    const { values, alerts, evidence } = await look();
    expect(values).toMatchObject({
      [`maasha_dns_client_answer{server="rc2",name="outside",state="${state}"}`]: 1,
      [resolvers('outside')]: 1,
      [resolvers('inside')]: 2,
    });
    expect(alerts).toEqual(['MaasHaDnsResolverFailing rc2']);
    expect(evidence.map((each) => each.says).join('\n')).toContain(says);
  });

  it('finds one that answers with nothing', async () => {
    servers.rc1.zones.set(INSIDE, { serial: 1, mode: 'nodata' });
    const { values, alerts } = await look();
    expect(values['maasha_dns_client_answer{server="rc1",name="inside",state="empty"}']).toBe(1);
    expect(alerts).toEqual(['MaasHaDnsResolverFailing rc1']);
  });

  it('concludes nothing from two that resolve for the monitor nothing outside', async () => {
    for (const server of SERVERS) servers[server].outside.set(OUTSIDE, 'refused');
    const { values, alerts, skips } = await look();
    expect(Object.keys(values).filter((key) => key.includes('outside'))).toEqual([]);
    expect(values[works('rc1')]).toBe(1);
    expect(alerts).toEqual([]);
    expect(skips).toMatchObject([{ subject: 'outside', code: 'no_privilege' }]);
  });

  it('says that the name outside is wrong where all say that it does not exist', async () => {
    for (const server of SERVERS) servers[server].outside.set(OUTSIDE, 'nxdomain');
    const { alerts, gaps } = await look();
    expect(alerts).toEqual([]);
    expect(gaps).toMatchObject([{ subject: 'outside', failure: { code: 'config' } }]);
  });

  it('does not take a name of MAAS that is gone from all for a wrong configuration', async () => {
    for (const server of SERVERS) servers[server].outside.set(INSIDE, 'nxdomain');
    const { alerts } = await look();
    expect(alerts).toContain('MaasHaDnsClientsBlind inside');
  });

  it('finds two that give different addresses for one name of MAAS', async () => {
    servers.rc2.outside.set(INSIDE, '172.31.16.51');
    const { alerts } = await look();
    expect(alerts).toEqual(['MaasHaDnsResolversDisagree']);
  });

  it('lets names outside have different addresses', async () => {
    servers.rc2.outside.set(OUTSIDE, '192.0.2.81');
    expect((await look()).alerts).toEqual([]);
  });
});

describe('dns-clients, where something is not known', () => {
  it('counts only where it knows of each, and leaves a gap', async () => {
    const { values, gaps } = await look(CONFIGURED, { [`rc1 ${INSIDE}`]: 'protocol' });
    expect(values).not.toHaveProperty(resolvers('inside'));
    expect(values).not.toHaveProperty(wait('rc2', 'inside'));
    expect(values).not.toHaveProperty(works('rc1'));
    expect(values).not.toHaveProperty('maasha_dns_client_resolvers_disagree{}');
    expect(values[resolvers('outside')]).toBe(2);
    expect(gaps).toMatchObject([{ subject: 'rc1 inside', failure: { code: 'protocol' } }]);
  });

  it('knows of one failure of a resolver that it is one, whatever else is not known', async () => {
    servers.rc1.outside.set(OUTSIDE, 'servfail');
    const { values } = await look(CONFIGURED, { [`rc1 ${INSIDE}`]: 'protocol' });
    expect(values[works('rc1')]).toBe(0);
  });

  it('has nobody to disagree with where there is one slave only', async () => {
    const one = { ...CONFIGURED, slaves: [{ name: 'rc1', address: '172.31.16.32' }] };
    const { values, alerts, inapplicable } = await look(one);
    expect(values[resolvers('inside')]).toBe(1);
    expect(inapplicable).toEqual(['maasha_dns_client_resolvers_disagree{}']);
    expect(alerts).toEqual([]);
  });

  it('does not exist where there is no slave, or no zone', () => {
    expect(check.absence?.(region({ dns: { ...CONFIGURED, slaves: [] } }))).toMatch(/no slave DNS/);
    expect(check.absence?.(region({ dns: { ...CONFIGURED, zones: [] } }))).toMatch(/no zones/);
  });
});
