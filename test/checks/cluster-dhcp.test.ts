import { describe, expect, it, test } from 'vitest';
import check from '../../checks/cluster-dhcp.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { Cluster, Segment } from '../../src/core/region.ts';
import { encodeQuestion } from '../../src/protocol/dhcp.ts';
import { FakeClock } from '../support/clock.ts';
import { answerTo, dhcpServers, LEG, type Stand } from '../support/dhcp-answers.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const BOTH = ['172.31.16.32', '172.31.16.33'];
const OWN: Stand = { address: '172.31.17.34', dns: BOTH };
const STRANGER: Stand = { address: '172.31.17.1', dns: ['172.31.17.1'] };
const dns = { masterPort: 5353, slavePort: 53, zones: ['maas3'] };

const cluster = (name: string, segment: Partial<Segment> = {}): Cluster => ({
  name,
  address: '172.31.16.34',
  services: ['dhcp'],
  segment: { interface: 'eth1', servers: [OWN.address], ...segment },
});

/** A monitor on these segments: what it is asked for, and when. */
class Monitor {
  readonly clock = new FakeClock();
  asked: string[] = [];
  memory: unknown;
  readonly #clusters: readonly Cluster[];

  constructor(...clusters: readonly Cluster[]) {
    this.#clusters = clusters.length === 0 ? [cluster('maas4')] : clusters;
  }

  async look(stands: Readonly<Record<string, readonly Stand[]>>, once = false): Promise<Ran> {
    this.asked = [];
    const ports = fakePorts({
      dhcp: dhcpServers(stands, (leg, type) => this.asked.push(`${leg} ${type}`)),
    });
    const ran = await runCheck(check, region({ dns, clusters: this.#clusters }), ports, {
      clock: this.clock,
      memory: this.memory,
      once,
    });
    this.memory = JSON.parse(JSON.stringify(ran.memory));
    return ran;
  }
}

const look = (...stands: readonly Stand[]): Promise<Ran> => new Monitor().look({ eth1: stands });

describe('one look', () => {
  it('sees the server that hands out both DNS servers, and nobody else', async () => {
    const { values, alerts, gaps } = await look(OWN);
    expect(values).toEqual({
      'maasha_dhcp_rogue_servers{cluster="maas4"}': 0,
      'maasha_dhcp_server_answers{cluster="maas4",server="172.31.17.34"}': 1,
      'maasha_dhcp_dns_missing{cluster="maas4",server="172.31.17.34"}': 0,
    });
    expect([alerts, gaps]).toEqual([[], []]);
  });

  it('sees that nobody answers, and does not claim to know what is handed out', async () => {
    const { alerts, values, gaps } = await look();
    expect(alerts).toEqual(['MaasHaDhcpSilent maas4 172.31.17.34']);
    expect(Object.keys(values)).not.toContainEqual(expect.stringContaining('dns_missing'));
    expect(gaps).toMatchObject([{ failure: { code: 'dependency' } }]);
  });

  it('names the DNS server that is not handed out', async () => {
    const { alerts, evidence } = await look({ ...OWN, dns: ['172.31.16.32', '192.0.2.1'] });
    expect(alerts).toEqual(['MaasHaDhcpDnsIncomplete maas4 172.31.17.34']);
    const said = evidence.map(({ says }) => says);
    expect(said).toContain('172.31.17.34 does not hand out DNS 172.31.16.33');
    expect(said).toContain('172.31.17.34 also hands out DNS 192.0.2.1, which is not configured');
  });

  it('sees a server that hands out none at all', async () => {
    const { values } = await look({ ...OWN, dns: [] });
    expect(values['maasha_dhcp_dns_missing{cluster="maas4",server="172.31.17.34"}']).toBe(2);
  });

  it('sees a stranger beside the own server', async () => {
    const { alerts, evidence } = await look(OWN, STRANGER);
    expect(alerts).toEqual(['MaasHaDhcpRogueServer maas4']);
    expect(evidence[0]?.says).toMatch(/^a stranger answers: 172\.31\.17\.1 offers/);
  });

  it('takes a stranger that calls itself as the own server for a stranger', async () => {
    const { alerts } = await look(OWN, { ...STRANGER, identifier: OWN.address });
    expect(alerts).toContain('MaasHaDhcpRogueServer maas4');
  });

  it('takes what a relay passes on for the server’s own', async () => {
    const { alerts } = await look({
      ...OWN,
      address: '172.31.17.1',
      identifier: OWN.address,
      relay: '172.31.17.1',
    });
    expect(alerts).toEqual([]);
  });

  it.each([
    ['no DHCP at all', Uint8Array.of(2, 1, 6)],
    ['a refusal', answerTo(encodeQuestion('discover', LEG), { type: 6 })],
  ])('counts %s as an answer, of which it does not know what it hands out', async (_, bytes) => {
    const { values, gaps, alerts } = await look({ ...OWN, bytes });
    expect(values).toEqual({
      'maasha_dhcp_rogue_servers{cluster="maas4"}': 0,
      'maasha_dhcp_server_answers{cluster="maas4",server="172.31.17.34"}': 1,
    });
    expect(gaps).toMatchObject([{ failure: { code: 'protocol' } }]);
    expect(alerts).toEqual([]);
  });

  it('judges no DNS where none is wanted', async () => {
    const { alerts, values } = await new Monitor(cluster('maas4', { dns: [] })).look({
      eth1: [{ ...OWN, dns: [] }],
    });
    expect(alerts).toEqual([]);
    expect(Object.keys(values)).toHaveLength(2);
  });
});

describe('several', () => {
  it('servers of one segment are judged each', async () => {
    const servers = ['172.31.17.34', '172.31.17.35'];
    const { alerts } = await new Monitor(cluster('maas4', { servers })).look({ eth1: [OWN] });
    expect(alerts).toEqual(['MaasHaDhcpSilent maas4 172.31.17.35']);
  });

  it('clusters on one segment ask it once, and know each other’s servers', async () => {
    const monitor = new Monitor(cluster('a'), cluster('b', { servers: ['172.31.17.35'] }));
    const { alerts } = await monitor.look(
      { eth1: [OWN, { ...OWN, address: '172.31.17.35' }] },
      true,
    );
    expect(alerts).toEqual([]);
    expect(monitor.asked).toEqual(['eth1 discover']);
  });

  it('segments are asked each on its own leg', async () => {
    const monitor = new Monitor(cluster('a'), cluster('b', { interface: 'eth2' }));
    const { alerts } = await monitor.look({ eth1: [OWN], eth2: [OWN, STRANGER] });
    expect(alerts).toEqual(['MaasHaDhcpRogueServer b']);
  });
});

describe('how often', () => {
  const MAAS = { eth1: [OWN] };
  const AUTHORITATIVE = { eth1: [{ ...OWN, authoritative: true }] };

  it('a one-off look asks once, what every server answers', async () => {
    const monitor = new Monitor();
    await monitor.look(MAAS, true);
    expect(monitor.asked).toEqual(['eth1 discover']);
  });

  it('a server that is not authoritative is not asked in vain but once an hour', async () => {
    const monitor = new Monitor();
    await monitor.look(MAAS);
    expect(monitor.asked).toEqual(['eth1 inform', 'eth1 discover']);
    monitor.clock.advance(3599);
    await monitor.look(MAAS);
    expect(monitor.asked).toEqual(['eth1 discover']);
    monitor.clock.advance(1);
    await monitor.look(MAAS);
    expect(monitor.asked).toEqual(['eth1 inform', 'eth1 discover']);
  });

  it('where all answer without a lease, strangers are looked for every five minutes', async () => {
    const monitor = new Monitor();
    await monitor.look(AUTHORITATIVE);
    expect(monitor.asked).toEqual(['eth1 inform', 'eth1 discover']);
    monitor.clock.advance(299);
    const { values } = await monitor.look(AUTHORITATIVE);
    expect(monitor.asked).toEqual(['eth1 inform']);
    expect(values['maasha_dhcp_rogue_servers{cluster="maas4"}']).toBe(0);
    monitor.clock.advance(1);
    await monitor.look(AUTHORITATIVE);
    expect(monitor.asked).toEqual(['eth1 inform', 'eth1 discover']);
  });

  it('as long as there is a stranger, each look asks for it', async () => {
    const monitor = new Monitor();
    const both = { eth1: [...AUTHORITATIVE.eth1, STRANGER] };
    await monitor.look(both);
    monitor.clock.advance(60);
    expect((await monitor.look(both)).alerts).toEqual(['MaasHaDhcpRogueServer maas4']);
    monitor.clock.advance(60);
    expect((await monitor.look(AUTHORITATIVE)).alerts).toEqual([]);
    expect(monitor.asked).toEqual(['eth1 inform', 'eth1 discover']);
  });

  it('a stranger that answers INFORM is asked again at once', async () => {
    const monitor = new Monitor();
    await monitor.look(AUTHORITATIVE);
    monitor.clock.advance(60);
    const { alerts } = await monitor.look({
      eth1: [...AUTHORITATIVE.eth1, { ...STRANGER, authoritative: true }],
    });
    expect(alerts).toEqual(['MaasHaDhcpRogueServer maas4']);
  });

  it('what an older version remembered is not understood, and does no harm', async () => {
    const monitor = new Monitor();
    monitor.memory = { eth1: 'yesterday' };
    expect((await monitor.look(MAAS)).alerts).toEqual([]);
  });
});

describe('where it cannot look', () => {
  test.each<FailureCode>(['config', 'no_privilege', 'unreachable'])(
    '%s is a gap of every cluster on that leg, and the memory stays',
    async (code) => {
      const dhcp = {
        broadcast: () => Promise.reject(new CheckFailure(code, 'eth1: no such interface')),
      };
      const memory = { eth1: { asked: { at: 1, strangers: 1 } } };
      const ran = await runCheck(
        check,
        region({ dns, clusters: [cluster('maas4')] }),
        fakePorts({ dhcp }),
        { memory },
      );
      expect(ran.values).toEqual({});
      expect(ran.gaps).toMatchObject([{ subject: 'maas4', failure: { code } }]);
      expect(ran.memory).toEqual(memory);
    },
  );

  it('does not exist where no cluster has a segment', async () => {
    const without = region({ dns });
    expect(check.absence?.(without)).toMatch(/no leg on a segment/);
    expect((await runCheck(check, without, fakePorts())).skips).toHaveLength(1);
    expect(check.absence?.(region({ clusters: [cluster('maas4')] }))).toBeUndefined();
  });
});
