import { describe, expect, it } from 'vitest';
import check from '../../checks/dns-serial.ts';
import type { CheckFailure } from '../../src/core/failure.ts';
import { systemClock } from '../../src/io/clock.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';
import { look, servers, set, ZONES } from './three-dns-servers.ts';

describe('dns-serial, when all is well', () => {
  it('reports every serial at every server and raises nothing', async () => {
    const { values, alerts, gaps, skips } = await look();
    for (const server of ['vip', 'rc1', 'rc2']) {
      expect(values[`maasha_dns_soa_serial{zone="maas3",server="${server}"}`]).toBe(102);
      expect(values[`maasha_dns_authoritative{zone="maas3",server="${server}"}`]).toBe(1);
      expect(values[`maasha_dns_query_duration_seconds{server="${server}"}`]).toBeGreaterThan(0);
    }
    expect(values).toMatchObject({
      'maasha_dns_master_up{}': 1,
      'maasha_dns_slave_up{node="rc1"}': 1,
      'maasha_dns_slave_up{node="rc2"}': 1,
      'maasha_dns_soa_serial_distance{zone="maas3",server="rc1"}': 0,
      'maasha_dns_zone_behind{zone="maas3",server="rc1"}': 0,
      'maasha_dns_zone_overdue{zone="maas3",server="rc1"}': 0,
      'maasha_dns_slave_zones_overdue{server="rc1"}': 0,
      'maasha_dns_serial_regressed{zone="maas3"}': 0,
      'maasha_dns_zone_state{zone="maas3",server="vip",state="served"}': 1,
      'maasha_dns_zone_state{zone="maas3",server="vip",state="broken"}': 0,
      'maasha_dns_slave_expiry_left_ratio{server="rc1"}': 1,
      'maasha_dns_expiry_left_ratio{}': 1,
    });
    expect(Object.keys(values).filter((key) => key.includes('since'))).toEqual([]);
    const expires = values['maasha_dns_zone_expires_timestamp_seconds{zone="maas3",server="rc1"}'];
    expect(expires).toBeCloseTo(systemClock.now() / 1000 + 604_800, -2);
    expect([alerts, gaps, skips]).toEqual([[], [], []]);
  });

  it('says on which node the master runs', async () => {
    servers.vip.hostname = 'rc2.maas3';
    const { values, evidence } = await look();
    expect(values).toMatchObject({
      'maasha_dns_master_node{node="rc1"}': 0,
      'maasha_dns_master_node{node="rc2"}': 1,
    });
    expect(evidence[0]?.says).toBe('the DNS master says that it runs on rc2.maas3');
  });

  it('does not guess the node from a name that is none of them', async () => {
    servers.vip.hostname = 'maas.example';
    const { values } = await look();
    expect(Object.keys(values).filter((key) => key.includes('master_node'))).toEqual([]);
  });

  it('is skipped without zones', async () => {
    const { skips } = await runCheck(
      check,
      region({ dns: { masterPort: 5353, slavePort: 53, zones: [] } }),
      fakePorts(),
    );
    expect(skips).toMatchObject([{ code: 'config' }]);
  });
});

describe('dns-serial, when a server is silent', () => {
  it('finds the master down, and knows no distances then', async () => {
    servers.rc1.silentFor = servers.rc2.silentFor = () => 30;
    const { values, alerts, gaps } = await look({}, { vip: 'refused' });
    expect(alerts).toEqual(['MaasHaDnsMasterDown']);
    expect(Object.keys(values).filter((key) => /distance|behind|regressed/.test(key))).toEqual([]);
    expect(values['maasha_dns_soa_serial{zone="maas3",server="rc1"}']).toBe(102);
    expect(gaps).toEqual([]);
  });

  it('finds a slave down', async () => {
    const { alerts, evidence } = await look({}, { rc1: 'timeout' });
    expect(alerts).toEqual(['MaasHaDnsSlaveDown rc1']);
    expect(evidence).toContainEqual({
      kind: 'evidence',
      subject: 'rc1',
      says: 'does not answer (timeout)',
    });
  });

  it('finds that no slave is left, and does not claim it while one cannot be looked at', async () => {
    const { alerts, values } = await look({}, { rc1: 'timeout', rc2: 'refused' });
    expect(alerts).toEqual([
      'MaasHaDnsAllSlavesDown',
      'MaasHaDnsSlaveDown rc1',
      'MaasHaDnsSlaveDown rc2',
    ]);
    expect(values['maasha_dns_slaves_answering{}']).toBe(0);
    const blind = await look({}, { rc1: 'timeout', rc2: 'protocol' });
    expect(blind.values).not.toHaveProperty('maasha_dns_slaves_answering{}');
  });

  it('does not call a server down whose answers are broken', async () => {
    const { values, alerts, gaps } = await look({}, { rc1: 'protocol' });
    expect(alerts).toEqual([]);
    expect(values['maasha_dns_slave_up{node="rc1"}']).toBeUndefined();
    expect(gaps).toMatchObject([{ subject: 'rc1', failure: { code: 'protocol' } }]);
  });

  it('leaves one gap for the questions that a living server did not answer', async () => {
    const { values, gaps } = await look({}, { 'rc1 maas3': 'timeout' });
    expect(values['maasha_dns_slave_up{node="rc1"}']).toBe(1);
    expect(values['maasha_dns_authoritative{zone="maas3",server="rc1"}']).toBeUndefined();
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.failure.message).toContain('1 of 2 questions');
  });
});

describe('dns-serial, when a zone is not served', () => {
  it.each([
    ['lame', 'absent', 'does not have maas3'],
    ['servfail', 'broken', 'has an expired or broken copy (SERVFAIL) of maas3'],
    ['refused', 'refused', 'answers REFUSED for maas3'],
    ['noauth', 'lame', 'answers without authority for maas3'],
    ['nxdomain', 'nxdomain', 'answers NXDOMAIN for maas3'],
    ['nodata', 'no_zone', 'has as a name within another zone, not as a zone: maas3'],
  ] as const)('finds it %s', async (mode, state, says) => {
    servers.rc2.zones.set('maas3', { serial: 102, mode });
    const { values, alerts, evidence } = await look();
    expect(alerts).toEqual(['MaasHaDnsZoneNotAuthoritative maas3 rc2']);
    expect(values['maasha_dns_soa_serial{zone="maas3",server="rc2"}']).toBeUndefined();
    expect(values[`maasha_dns_zone_state{zone="maas3",server="rc2",state="${state}"}`]).toBe(1);
    expect(values['maasha_dns_zone_state{zone="maas3",server="rc2",state="served"}']).toBe(0);
    expect(evidence).toContainEqual({ kind: 'evidence', subject: 'rc2', says });
  });

  it('does not take the SOA of another zone for it', async () => {
    servers.vip.zones.set('maas3', { serial: 102, owner: 'example' });
    const { alerts, values } = await look();
    expect(alerts).toEqual(['MaasHaDnsZoneNotAuthoritative maas3 vip']);
    expect(values['maasha_dns_zone_state{zone="maas3",server="vip",state="other_zone"}']).toBe(1);
  });
});

describe('dns-serial, when serials differ', () => {
  it('sees the slave that is behind, and gives it the time that the zone allows', async () => {
    const clock = new FakeClock();
    set('rc1', 99);
    const first = await look({ clock });
    expect(first.alerts).toEqual([]);
    expect(first.values).toMatchObject({
      'maasha_dns_soa_serial_distance{zone="maas3",server="rc1"}': -3,
      'maasha_dns_zone_behind{zone="maas3",server="rc1"}': 1,
      'maasha_dns_zone_overdue{zone="maas3",server="rc1"}': 0,
    });
    const says = first.evidence.map((each) => `${each.subject}: ${each.says}`);
    expect(says).toContain('zones: rc1 is behind the master in maas3');
    expect(says).toContain('maas3: the master serves 102, rc1 99, rc2 102');
    clock.advance(2461);
    const later = await look({ clock, memory: first.memory });
    expect(later.alerts).toEqual(['MaasHaDnsZoneBehind maas3 rc1']);
  });

  it('finds it at once where the slave says itself that it hears nothing', async () => {
    servers.rc1.silentFor = () => 3600;
    set('rc1', 99);
    expect((await look()).alerts).toEqual(['MaasHaDnsZoneBehind maas3 rc1']);
  });

  it('finds that a slave follows no more when several zones are behind', async () => {
    servers.rc1.silentFor = () => 3600;
    for (const zone of ZONES) set('rc1', 99, zone);
    const { values, alerts } = await look();
    expect(alerts).toEqual([
      'MaasHaDnsSlaveBehind rc1',
      ...ZONES.map((zone) => `MaasHaDnsZoneBehind ${zone} rc1`),
    ]);
    expect(values['maasha_dns_slave_zones_behind{server="rc1"}']).toBe(2);
    expect(values['maasha_dns_slave_zones_behind{server="rc2"}']).toBe(0);
  });

  it('keeps since when it is, from run to run', async () => {
    const clock = new FakeClock();
    const since = clock.now() / 1000;
    set('rc1', 99);
    const first = await look({ clock });
    clock.advance(90);
    const second = await look({
      clock,
      memory: JSON.parse(JSON.stringify(first.memory)) as unknown,
    });
    const key = 'maasha_dns_zone_out_of_sync_since_timestamp_seconds{zone="maas3",server="rc1"}';
    expect([first.values[key], second.values[key]]).toEqual([since, since]);
  });

  it('counts the step of MAAS past the end as two versions', async () => {
    set('vip', 1);
    set('rc1', 4_294_967_295);
    set('rc2', 1);
    const { values } = await look();
    expect(values['maasha_dns_soa_serial_distance{zone="maas3",server="rc1"}']).toBe(-2);
  });

  it('leaves a gap where the order cannot be told', async () => {
    set('vip', 5);
    set('rc1', 5 + 2 ** 31);
    set('rc2', 5);
    const { values, gaps, alerts } = await look();
    expect(alerts).toEqual([]);
    expect(values['maasha_dns_soa_serial_distance{zone="maas3",server="rc1"}']).toBeUndefined();
    expect(gaps).toContainEqual(
      expect.objectContaining({
        subject: 'rc1',
        failure: expect.objectContaining({ code: 'protocol' }) as CheckFailure,
      }),
    );
  });

  it('finds the master that is older than its slaves', async () => {
    set('vip', 50);
    const { alerts, values, evidence } = await look();
    expect(alerts).toEqual(['MaasHaDnsMasterRegressed']);
    expect(values['maasha_dns_zone_behind{zone="maas3",server="rc1"}']).toBe(0);
    expect(evidence).toContainEqual({
      kind: 'evidence',
      subject: 'maas3',
      says: 'the master serves 50, rc1 102, rc2 102',
    });
  });

  it('finds the master that is older than it was, and confirms it at a second look', async () => {
    const { memory } = await look();
    for (const server of ['vip', 'rc1', 'rc2'] as const) set(server, 50);
    const first = await look({ memory });
    const second = await look({ memory: first.memory });
    expect([first.alerts, second.alerts]).toEqual([
      ['MaasHaDnsMasterRegressed'],
      ['MaasHaDnsMasterRegressed'],
    ]);
  });

  it('keeps what it knew of a master that it cannot ask', async () => {
    const { memory } = await look();
    const down = await look({ memory }, { vip: 'timeout' });
    const zones = (of: unknown) => (of as { zones: unknown }).zones;
    expect(zones(down.memory)).toEqual(zones(memory));
  });

  it('starts afresh from a memory that is not its own', async () => {
    const { alerts } = await look({ memory: { maas3: 'nonsense' } });
    expect(alerts).toEqual([]);
  });
});
