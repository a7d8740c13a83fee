import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import check from '../../checks/dns-path.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { DnsPort } from '../../src/core/ports/dns.ts';
import { seconds } from '../../src/core/time.ts';
import { DnsSockets } from '../../src/io/dns.ts';
import { SimDnsServer } from '../sim/dns-server.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';

const NAME = 'www.example.org';
const SERVERS = ['vip', 'rc1', 'rc2'] as const;

let servers: Record<(typeof SERVERS)[number], SimDnsServer>;
let sockets: DnsSockets;

const start = async (): Promise<SimDnsServer> => {
  const server = await SimDnsServer.start({ host: '127.0.0.1', port: 0 });
  server.zones.set('maas3', { serial: 102 });
  server.outside.set(NAME, '192.0.2.80');
  return server;
};

beforeEach(async () => {
  sockets = new DnsSockets();
  servers = { vip: await start(), rc1: await start(), rc2: await start() };
});

afterEach(async () => {
  sockets.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

const configured = { masterPort: 5353, slavePort: 53, zones: ['maas3'] };

/** One look; silence is waited for as briefly as two tries need. */
const look = (
  dns: Partial<NonNullable<ReturnType<typeof region>['dns']>> = { outsideName: NAME },
  failing: Partial<Record<string, FailureCode>> = {},
) =>
  inRun((scope) => {
    const port = sockets.port(scope);
    const query: DnsPort['query'] = async (to, question, options) => {
      const name = to.host.endsWith('.39') ? 'vip' : to.host.endsWith('.32') ? 'rc1' : 'rc2';
      const code = failing[name] ?? failing[`${name} ${options.transport ?? 'udp'}`];
      if (code !== undefined) throw new CheckFailure(code, `${name}: ${code}`);
      return port.query(servers[name].endpoint, question, { ...options, timeout: seconds(0.4) });
    };
    const target = region({ dns: { ...configured, ...dns } });
    return runCheck(check, target, fakePorts({ dns: { ...port, query } }));
  });

describe('dns-path, when all is well', () => {
  it('shows every server over either transport, and the way to the outside', async () => {
    const { values, alerts, gaps, skips } = await look();
    for (const server of SERVERS)
      for (const transport of ['udp', 'tcp']) {
        expect(values[`maasha_dns_up{server="${server}",transport="${transport}"}`]).toBe(1);
        const broken = `maasha_dns_transport_broken{server="${server}",transport="${transport}"}`;
        expect(values[broken]).toBe(0);
      }
    expect(values).toMatchObject({
      'maasha_dns_upstream_success{}': 1,
      'maasha_dns_forward_success{server="rc1"}': 1,
      'maasha_dns_forward_success{server="rc2"}': 1,
    });
    expect([alerts, gaps, skips]).toEqual([[], [], []]);
  });

  it('asks for nothing outside where no name is configured, and says so', async () => {
    const { values, skips } = await look({});
    expect(Object.keys(values).filter((key) => /forward|upstream/.test(key))).toEqual([]);
    expect(skips).toMatchObject([{ subject: 'forwarding', code: 'config' }]);
  });

  it('has nothing to say of slaves where there is none', async () => {
    const { values, alerts } = await look({ outsideName: NAME, slaves: [] });
    expect(values['maasha_dns_upstream_success{}']).toBe(1);
    expect(Object.keys(values).filter((key) => /rc[12]/.test(key))).toEqual([]);
    expect(alerts).toEqual([]);
  });
});

describe('dns-path, when one transport fails', () => {
  it.each([
    ['tcp', 'udp'],
    ['udp', 'tcp'],
  ] as const)('finds a slave that is deaf over %s', async (deaf, works) => {
    servers.rc2.deaf = deaf;
    const { values, alerts, evidence } = await look({});
    expect(alerts).toEqual([`MaasHaDnsTransportBroken rc2 ${deaf}`]);
    expect(values).toMatchObject({
      [`maasha_dns_up{server="rc2",transport="${deaf}"}`]: 0,
      [`maasha_dns_up{server="rc2",transport="${works}"}`]: 1,
    });
    expect(evidence).toMatchObject([
      { subject: 'rc2', says: `does not answer over ${deaf} (timeout)` },
    ]);
  });

  it('leaves one that answers over neither to those who watch for that', async () => {
    const { values, alerts } = await look({}, { rc2: 'refused' });
    expect(values['maasha_dns_up{server="rc2",transport="tcp"}']).toBe(0);
    expect(Object.keys(values).filter((key) => /broken.*rc2/.test(key))).toEqual([]);
    expect(alerts).toEqual([]);
  });

  it('counts a truncated answer as one over UDP', async () => {
    servers.rc1.truncate = true;
    const { alerts } = await look({});
    expect(alerts).toEqual([]);
  });

  it('leaves a gap where the answer is no DNS', async () => {
    const { values, gaps, alerts } = await look({}, { 'rc1 tcp': 'protocol' });
    expect(values).not.toHaveProperty('maasha_dns_up{server="rc1",transport="tcp"}');
    expect(gaps).toMatchObject([{ subject: 'rc1', failure: { code: 'protocol' } }]);
    expect(alerts).toEqual([]);
  });
});

describe('dns-path, when a name outside does not resolve', () => {
  it('finds the one slave that does not forward', async () => {
    servers.rc2.outside.delete(NAME);
    const { alerts, evidence } = await look();
    expect(alerts).toEqual(['MaasHaDnsForwardBroken rc2']);
    expect(evidence).toMatchObject([
      { subject: 'rc2', says: `does not resolve ${NAME}: it answers SERVFAIL` },
    ]);
  });

  it('says that the fault is behind the master where that does not resolve it either', async () => {
    for (const server of SERVERS) servers[server].outside.delete(NAME);
    const { alerts, evidence } = await look();
    expect(alerts).toEqual([
      'MaasHaDnsUpstreamBroken',
      'MaasHaDnsForwardBroken rc1',
      'MaasHaDnsForwardBroken rc2',
    ]);
    const rule = check.rules.find(({ name }) => name === 'MaasHaDnsForwardBroken');
    expect(rule?.inhibitedBy).toContainEqual({ alert: 'MaasHaDnsUpstreamBroken' });
    expect(evidence.at(-1)?.says).toContain('the fault lies behind it');
  });

  it('takes a server that keeps silent on it, and answers for its zones, for one that fails', async () => {
    servers.rc1.outside.set(NAME, 'frozen');
    const { alerts, evidence } = await look();
    expect(alerts).toEqual(['MaasHaDnsForwardBroken rc1']);
    expect(evidence[0]?.says).toContain('gives no answer (timeout)');
  });

  it('knows nothing of a server that answers nothing at all', async () => {
    const { values, alerts } = await look({ outsideName: NAME }, { rc1: 'timeout' });
    expect(values).not.toHaveProperty('maasha_dns_forward_success{server="rc1"}');
    expect(alerts).toEqual([]);
  });

  it('skips a server that does not resolve for the monitor', async () => {
    servers.vip.outside.set(NAME, 'refused');
    const { values, alerts, skips } = await look();
    expect(values).not.toHaveProperty('maasha_dns_upstream_success{}');
    expect(values['maasha_dns_forward_success{server="rc1"}']).toBe(1);
    expect(alerts).toEqual([]);
    expect(skips).toMatchObject([{ subject: 'vip', code: 'no_privilege' }]);
  });

  it('says that the name is wrong where the master says that it does not exist', async () => {
    for (const server of SERVERS) servers[server].outside.set(NAME, 'nxdomain');
    const { alerts, gaps } = await look();
    expect(alerts).toEqual([]);
    expect(gaps).toMatchObject([{ subject: 'vip', failure: { code: 'config' } }]);
  });

  it('finds a slave that denies a name which the master resolves', async () => {
    servers.rc2.outside.set(NAME, 'nxdomain');
    const { alerts, evidence } = await look();
    expect(alerts).toEqual(['MaasHaDnsForwardBroken rc2']);
    expect(evidence[0]?.says).toBe(`says that ${NAME} does not exist`);
  });
});
