import type { Answer } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import check from '../../checks/dns-content.ts';
import type { CheckContext } from '../../src/core/check.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { DnsPort } from '../../src/core/ports/dns.ts';
import { instant } from '../../src/core/time.ts';
import { DnsSockets } from '../../src/io/dns.ts';
import { SimDnsServer } from '../sim/dns-server.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';

const ZONES = ['maas3', 'maas4'];
const address = (name: string, data: string): Answer => ({ type: 'A', name, ttl: 300, data });
const RECORDS = [address('mon.maas3', '10.0.0.1'), address('rc.maas3', '10.0.0.2')];

let servers: Record<'vip' | 'rc1' | 'rc2', SimDnsServer>;
let sockets: DnsSockets;
let asked: string[];

const start = async (transfers: boolean): Promise<SimDnsServer> => {
  const server = await SimDnsServer.start({ host: '127.0.0.1', port: 0 });
  server.transfers = transfers;
  for (const zone of ZONES) server.zones.set(zone, { serial: 102, records: RECORDS });
  return server;
};

beforeEach(async () => {
  sockets = new DnsSockets();
  asked = [];
  servers = { vip: await start(true), rc1: await start(true), rc2: await start(false) };
});

afterEach(async () => {
  sockets.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

const look = (
  context: Partial<CheckContext> = {},
  failing: Partial<Record<string, FailureCode>> = {},
) =>
  inRun((scope) => {
    const port = sockets.port(scope);
    const transfer: DnsPort['transfer'] = async (to, zone, limit) => {
      const name = to.host.endsWith('.39') ? 'vip' : to.host.endsWith('.32') ? 'rc1' : 'rc2';
      asked.push(`${name} ${zone}`);
      const code = failing[name] ?? failing[`${name} ${zone}`];
      if (code !== undefined) throw new CheckFailure(code, `${name}: ${code}`);
      return port.transfer(servers[name].endpoint, zone, limit);
    };
    const target = region({ dns: { masterPort: 1, slavePort: 2, zones: ZONES, transfer: true } });
    return runCheck(check, target, fakePorts({ dns: { ...port, transfer } }), context);
  });

const set = (server: keyof typeof servers, serial: number, records: readonly Answer[] = RECORDS) =>
  servers[server].zones.set('maas3', { serial, records });
const differs = (values: Readonly<Record<string, number>>, server: string) =>
  values[`maasha_dns_zone_content_differs{zone="maas3",server="${server}"}`];

describe('dns-content', () => {
  it('finds the same zone at all who give it away, and names those who do not', async () => {
    const { values, alerts, gaps, skips } = await look();
    expect(differs(values, 'rc1')).toBe(0);
    // One look alone cannot tell whether the master changed.
    expect([differs(values, 'vip'), differs(values, 'rc2')]).toEqual([undefined, undefined]);
    expect(values['maasha_dns_zones_content_differing{}']).toBe(0);
    expect([alerts, gaps]).toEqual([[], []]);
    expect(skips).toMatchObject([{ subject: 'rc2', code: 'no_privilege' }]);
    expect(skips[0]?.reason).toContain('REFUSED');
  });

  it('does not go on asking one that refuses', async () => {
    await look();
    expect(asked.filter((each) => each.startsWith('rc2'))).toEqual(['rc2 maas3']);
  });

  it('finds a slave with other records under the same serial', async () => {
    set('rc1', 102, [RECORDS[0]!, address('rc.maas3', '10.0.0.9')]);
    const { alerts, evidence, values } = await look();
    expect(alerts).toEqual(['MaasHaDnsZoneContentDiffers']);
    expect(differs(values, 'rc1')).toBe(1);
    expect(values['maasha_dns_zones_content_differing{}']).toBe(1);
    expect(evidence[0]).toMatchObject({ subject: 'rc1' });
    expect(evidence[0]?.says).toContain('maas3, serial 102: it has 2 records, the master has 2');
  });

  it('says nothing of a slave with another serial', async () => {
    set('rc1', 101, []);
    const { values, alerts } = await look();
    expect(differs(values, 'rc1')).toBeUndefined();
    expect(alerts).toEqual([]);
  });

  it('finds that the master changed without its serial, until the serial rises', async () => {
    const first = await look();
    set('vip', 102, [...RECORDS, address('new.maas3', '10.0.0.3')]);
    const stored: unknown = JSON.parse(JSON.stringify(first.memory));
    const second = await look({ memory: stored }, { rc1: 'no_privilege' });
    expect(second.alerts).toEqual(['MaasHaDnsZoneContentDiffers']);
    expect(second.evidence[0]?.says).toContain('it had 2 records, the master has 3');
    const third = await look({ memory: second.memory }, { rc1: 'no_privilege' });
    expect(third.alerts).toEqual(['MaasHaDnsZoneContentDiffers']);
    set('vip', 103, [...RECORDS, address('new.maas3', '10.0.0.3')]);
    const healed = await look({ memory: third.memory });
    expect(differs(healed.values, 'vip')).toBe(0);
    expect(healed.alerts).toEqual([]);
  });

  it('keeps what it knew of a master that cannot be read', async () => {
    const first = await look();
    const blind = await look({ memory: first.memory }, { vip: 'timeout' });
    expect(blind.memory).toEqual(first.memory);
    expect(blind.gaps).toMatchObject([{ subject: 'vip', failure: { code: 'timeout' } }]);
    expect(differs(blind.values, 'vip')).toBeUndefined();
  });

  it('leaves a gap for a zone that is broken, and goes on with the next', async () => {
    const { values, gaps } = await look({}, { 'vip maas3': 'protocol' });
    expect(gaps[0]?.failure.message).toContain('(zones: maas3)');
    expect(values['maasha_dns_zone_content_differs{zone="maas4",server="rc1"}']).toBe(0);
  });

  it('stops when its time is used up, and says which zones it did not see', async () => {
    const clock = new FakeClock();
    let now = 0;
    const slow = Object.assign(clock, { steady: () => instant((now += 15_000)) });
    const { gaps } = await look({ clock: slow });
    expect(gaps.map(({ failure }) => failure.message).join()).toContain('used up');
  });

  it('is absent unless it is asked for', () => {
    expect(check.absence?.(region())).toContain('dns.transfer');
  });
});
