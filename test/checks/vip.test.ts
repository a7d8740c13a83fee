import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import check from '../../checks/vip.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { systemClock } from '../../src/io/clock.ts';
import { IcmpSockets } from '../../src/io/icmp.ts';
import { tcpPort } from '../../src/io/tcp.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';
import { all, network } from './network.ts';

const VIP = '172.31.16.39';
const [RC1, RC2] = ['172.31.16.32', '172.31.16.33'];
const TRUSTED = ['172.31.16.1', '172.31.16.254'];

const look = (ports: Ports, changes: Partial<Region> = {}) =>
  runCheck(check, region({ proxy: { ports: [8000] }, ...changes }), ports);

describe('vip, when all is well', () => {
  it('reports everything and raises nothing', async () => {
    const { values, alerts, gaps, skips } = await look(network());
    expect(values).toEqual({
      'maasha_monitor_isolated{}': 0,
      'maasha_vip_up{}': 1,
      'maasha_vip_ports_open{}': 4,
      'maasha_vip_reachable{method="icmp"}': 1,
      'maasha_vip_reachable{method="tcp"}': 1,
      'maasha_vip_icmp_loss_ratio{}': 0,
      'maasha_vip_icmp_round_trip_seconds{stat="min"}': 0.001,
      'maasha_vip_icmp_round_trip_seconds{stat="mean"}': 0.002,
      'maasha_vip_icmp_round_trip_seconds{stat="max"}': 0.003,
      ...Object.fromEntries(
        ['http', 'pgpool', 'dns', 'proxy-8000'].flatMap((service) => [
          [`maasha_vip_port_open{service="${service}"}`, 1],
          [`maasha_vip_connect_seconds{service="${service}"}`, 0.003],
        ]),
      ),
      'maasha_node_reachable{node="rc1"}': 1,
      'maasha_node_reachable{node="rc2"}': 1,
      'maasha_nodes_answering{}': 2,
      'maasha_trusted_server_reachable{server="172.31.16.1"}': 1,
      'maasha_trusted_server_reachable{server="172.31.16.254"}': 1,
      'maasha_trusted_servers_lost{}': 0,
    });
    expect([alerts, gaps, skips]).toEqual([[], [], []]);
  });

  it('opens no connection to a node that answers a ping', async () => {
    const ports = network();
    await look(ports);
    expect(ports.connected.every((to) => to.startsWith(VIP))).toBe(true);
  });

  it('takes the HTTP port from a maas_url at the VIP, and none from another', async () => {
    const ports = network();
    await look(ports, { maasUrl: `https://${VIP}/MAAS` });
    await look(ports, { maasUrl: `http://${VIP}:5240/MAAS` });
    const { values } = await look(ports, { maasUrl: 'http://maas.example/MAAS' });
    expect(ports.connected).toContain(`${VIP}:443`);
    expect(ports.connected).toContain(`${VIP}:5240`);
    expect(Object.keys(values)).not.toContain('maasha_vip_port_open{service="http"}');
  });
});

describe('vip, when something is silent', () => {
  it('finds the VIP that answers in no way', async () => {
    const { values, alerts } = await look(network(all('timeout', VIP)));
    expect(values['maasha_vip_up{}']).toBe(0);
    expect(values['maasha_vip_icmp_loss_ratio{}']).toBeUndefined();
    expect(alerts).toContain('MaasHaVipUnreachable');
    expect(alerts).not.toContain('MaasHaMonitorIsolated');
  });

  it('takes a refused connection for an answer', async () => {
    const ports = network({ [`icmp ${VIP}`]: 'timeout', [`tcp ${VIP}`]: 'refused' });
    const { values, alerts } = await look(ports);
    expect(values).toMatchObject({
      'maasha_vip_up{}': 1,
      'maasha_vip_reachable{method="icmp"}': 0,
      'maasha_vip_reachable{method="tcp"}': 1,
    });
    expect(alerts).toContain('MaasHaVipServiceDown http');
    expect(alerts).not.toContain('MaasHaVipUnreachable');
  });

  it('finds a host that answers pings and nothing else', async () => {
    const { values, alerts } = await look(network({ [`tcp ${VIP}`]: 'timeout' }));
    expect(values).toMatchObject({ 'maasha_vip_up{}': 1, 'maasha_vip_reachable{method="tcp"}': 0 });
    expect(alerts).toEqual([
      'MaasHaVipAllServicesDown',
      'MaasHaVipServiceDown http',
      'MaasHaVipServiceDown pgpool',
      'MaasHaVipServiceDown dns',
      'MaasHaVipServiceDown proxy-8000',
    ]);
  });

  it('finds the one service that is down', async () => {
    const { alerts, evidence } = await look(network({ [`${VIP}:9999`]: 'refused' }));
    expect(alerts).toEqual(['MaasHaVipServiceDown pgpool']);
    expect(evidence).toContainEqual({
      kind: 'evidence',
      subject: 'vip',
      says: 'pgpool refuses connections',
    });
  });

  it.each([
    [2, []],
    [1, ['MaasHaVipPacketLoss']],
  ])('judges %i of 3 echoes', async (received, expected) => {
    const { alerts } = await look(network({}, { [VIP]: received }));
    expect(alerts).toEqual(expected);
  });

  it('finds a node down only when TCP is silent, too', async () => {
    const filtered = network({ [`icmp ${RC1}`]: 'timeout' });
    expect((await look(filtered)).alerts).toEqual([]);
    expect(filtered.connected).toContain(`${RC1}:5432`);
    const refusing = network({ [`icmp ${RC1}`]: 'timeout', [`tcp ${RC1}`]: 'refused' });
    expect((await look(refusing)).alerts).toEqual([]);
    const { alerts } = await look(network(all('timeout', RC1)));
    expect(alerts).toEqual(['MaasHaNodeDown rc1']);
  });

  it('finds the trusted servers lost when all of them are', async () => {
    expect((await look(network(all('timeout', TRUSTED[0] ?? '')))).alerts).toEqual([]);
    const { alerts } = await look(network(all('timeout', ...TRUSTED)));
    expect(alerts).toEqual(['MaasHaTrustedServersLost']);
  });
});

describe('vip, of further virtual addresses', () => {
  const SIX = '2001:db8::39';
  const alsoVips = [SIX, '172.31.16.38'];

  it('asks each of them', async () => {
    const { values, alerts, inapplicable } = await look(network(), { alsoVips });
    expect(values).toMatchObject({
      [`maasha_vip_also_up{address="${SIX}"}`]: 1,
      'maasha_vip_also_up{address="172.31.16.38"}': 1,
    });
    expect([alerts, inapplicable]).toEqual([[], []]);
  });

  it('finds the one that is silent, and not one that only answers no ping', async () => {
    const { alerts, evidence } = await look(network(all('timeout', SIX)), { alsoVips });
    expect(alerts).toEqual([`MaasHaVipAlsoUnreachable ${SIX}`]);
    expect(evidence).toContainEqual({ kind: 'evidence', subject: SIX, says: 'does not answer' });
    const filtered = network({ [`icmp ${SIX}`]: 'timeout', [`tcp ${SIX}`]: 'refused' });
    expect((await look(filtered, { alsoVips })).alerts).toEqual([]);
  });

  it('says nothing of one that it may not ask, and leaves a gap where it could not', async () => {
    const bare = { alsoVips, maasUrl: 'http://maas.example/MAAS', proxy: { ports: [] } };
    const without = { pgpool: undefined, dns: undefined } as unknown as Partial<Region>;
    const mayNot = await look(network({ icmp: 'no_privilege' }), { ...bare, ...without });
    expect(Object.keys(mayNot.values).filter((key) => key.includes('also'))).toEqual([]);
    expect(mayNot.gaps).toEqual([]);
    const broken = await look(network({ icmp: 'internal', [`tcp ${SIX}`]: 'internal' }), {
      alsoVips,
    });
    expect(broken.values[`maasha_vip_also_up{address="${SIX}"}`]).toBeUndefined();
    expect(broken.gaps.map(({ subject }) => subject)).toContain(SIX);
  });

  it('takes one that answers for a proof that the monitor is not cut off', async () => {
    const others = network(all('timeout', VIP, RC1, RC2, ...TRUSTED, '172.31.16.38'));
    const { alerts } = await look(others, { alsoVips });
    expect(alerts).not.toContain('MaasHaMonitorIsolated');
    expect(alerts).toContain('MaasHaVipUnreachable');
  });

  it('has no such thing where none is configured', async () => {
    expect((await look(network())).inapplicable).toEqual(['maasha_vip_also_up{}']);
  });
});

describe('vip, of a region of IPv6', () => {
  it('finds its services at the virtual address', async () => {
    const ports = network();
    const vip = '2001:db8::39';
    const { values, alerts } = await look(ports, { vip, maasUrl: 'http://[2001:db8::39]/MAAS' });
    expect(values['maasha_vip_port_open{service="http"}']).toBe(1);
    expect(ports.connected).toContain(`${vip}:80`);
    expect(alerts).toEqual([]);
  });
});

describe('vip, when the monitor itself is cut off', () => {
  const cutOff = network(all('timeout', VIP, RC1, RC2, ...TRUSTED));

  it('says so, and nothing about the region', async () => {
    const { values, alerts, gaps } = await look(cutOff);
    expect(alerts).toEqual(['MaasHaMonitorIsolated']);
    expect(Object.keys(values).filter((key) => /_(vip|node|servers_lost)_?/.test(key))).toEqual([]);
    expect(gaps.map(({ failure }) => failure.code)).toEqual(['dependency', 'dependency']);
    expect(gaps[0]?.failure.message).toBe('the monitor reaches nothing at all');
  });

  it('cannot tell it from a dead region without trusted servers, and reports the region', async () => {
    const { values, alerts, evidence } = await look(cutOff, { trustedServers: [] });
    expect(values['maasha_monitor_isolated{}']).toBeUndefined();
    expect(alerts).toContain('MaasHaVipUnreachable');
    expect(evidence[0]?.subject).toBe('monitor');
  });
});

describe('vip, without the privilege to ping', () => {
  it('lets TCP decide, and alarms nobody', async () => {
    const { values, alerts, gaps, skips } = await look(network({ icmp: 'no_privilege' }));
    expect(skips).toHaveLength(1);
    expect(skips[0]).toMatchObject({ subject: 'icmp', code: 'no_privilege' });
    expect([alerts, gaps]).toEqual([[], []]);
    expect(values).toMatchObject({
      'maasha_vip_up{}': 1,
      'maasha_node_reachable{node="rc2"}': 1,
      'maasha_monitor_isolated{}': 0,
    });
    expect(Object.keys(values).filter((key) => /icmp|trusted/.test(key))).toEqual([]);
  });

  it('still finds what is down', async () => {
    const { alerts } = await look(network({ icmp: 'no_privilege', ...all('timeout', VIP, RC2) }));
    expect(alerts).toContain('MaasHaVipUnreachable');
    expect(alerts).toContain('MaasHaNodeDown rc2');
  });
});

describe('vip, when it could not look', () => {
  it('leaves a gap instead of a value', async () => {
    const { values, gaps } = await look(network({ [`${VIP}:5353`]: 'internal' }));
    expect(values['maasha_vip_port_open{service="dns"}']).toBeUndefined();
    expect(gaps).toMatchObject([{ subject: 'vip dns', failure: { code: 'internal' } }]);
  });
});

describe('vip, against real sockets', () => {
  it.each(['127.0.0.1', '::1'])('finds everything well on loopback: %s', async (vip) => {
    const server = createServer((socket) => socket.on('error', () => {}).resume());
    await once(server.listen(0, vip), 'listening');
    const { port } = server.address() as AddressInfo;
    const sockets = new IcmpSockets();
    const target = region({
      vip,
      alsoVips: ['::1'],
      maasUrl: `http://${vip.includes(':') ? `[${vip}]` : vip}:${port}/MAAS`,
      nodes: [{ name: 'rc1', address: '127.0.0.2', postgresPort: port }],
      trustedServers: ['127.0.0.3'],
      pgpool: { port },
      dns: { masterPort: port, slavePort: 53, zones: ['maas3'] },
    });
    const { alerts, values } = await inRun((scope) =>
      runCheck(check, target, fakePorts({ icmp: sockets.port(scope), tcp: tcpPort(scope) }), {
        clock: systemClock,
      }),
    );
    await sockets.close();
    await once(server.close(), 'close');
    expect(alerts).toEqual([]);
    expect(values).toMatchObject({
      'maasha_vip_up{}': 1,
      'maasha_vip_reachable{method="icmp"}': 1,
      'maasha_vip_port_open{service="http"}': 1,
      'maasha_vip_also_up{address="::1"}': 1,
    });
  });
});
