import { describe, expect, it } from 'vitest';
import check from '../../checks/dns-serial.ts';
import type { Region } from '../../src/core/region.ts';
import { systemClock } from '../../src/io/clock.ts';
import { SimDnsServer } from '../sim/dns-server.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';
import { look, servers, set, sockets, ZONES } from './three-dns-servers.ts';

describe('dns-serial, where the slaves are not the nodes', () => {
  const at = (changes: Partial<NonNullable<Region['dns']>>, rest: Partial<Region> = {}): Region => {
    const { dns } = region();
    return region({
      ...rest,
      dns: { masterPort: 5353, slavePort: 53, zones: ZONES, ...dns, ...changes },
    });
  };

  it('asks those that the configuration names', async () => {
    set('rc1', 99);
    const slaves = [{ name: 'ns1', address: '10.0.0.32' }];
    const { values } = await look({}, {}, at({ slaves }));
    expect(values['maasha_dns_slave_up{node="ns1"}']).toBe(1);
    expect(values['maasha_dns_zone_behind{zone="maas3",server="ns1"}']).toBe(1);
    expect(Object.keys(values).filter((key) => key.includes('rc1'))).toEqual([]);
  });

  it('has nothing to say of slaves where there is none', async () => {
    const { values, alerts, gaps, skips } = await look({}, {}, at({ slaves: [] }));
    expect([alerts, gaps, skips]).toEqual([[], [], []]);
    expect(values['maasha_dns_master_up{}']).toBe(1);
    expect(values['maasha_dns_serial_regressed{zone="maas3"}']).toBe(0);
    const ofSlaves = /slave|behind|overdue|expir|distance/;
    expect(Object.keys(values).filter((key) => ofSlaves.test(key.replace(/{.*/, '')))).toEqual([]);
  });

  it('sees a master without slaves go back all the same', async () => {
    const alone = at({ slaves: [] });
    const { memory } = await look({}, {}, alone);
    set('vip', 50);
    expect((await look({ memory }, {}, alone)).alerts).toEqual(['MaasHaDnsMasterRegressed']);
  });

  it('asks servers of IPv6', async () => {
    const six = await SimDnsServer.start({ host: '::1', port: 0 });
    for (const zone of ZONES) six.zones.set(zone, { serial: 102 });
    const { values } = await inRun((scope) => {
      const port = sockets.port(scope);
      const target = at(
        { masterPort: six.port, slavePort: six.port, slaves: [{ name: 'six', address: '::1' }] },
        { vip: '::1' },
      );
      return runCheck(check, target, fakePorts({ dns: port }), { clock: systemClock });
    });
    await six.close();
    expect(values['maasha_dns_master_up{}']).toBe(1);
    expect(values['maasha_dns_zone_overdue{zone="maas3",server="six"}']).toBe(0);
  });
});

describe('dns-serial, looking ahead to where copies end', () => {
  const DAY = 86_400;
  const silent = (server: 'rc1' | 'rc2', seconds: number): void => {
    servers[server].silentFor = () => seconds;
  };
  const left = (values: Readonly<Record<string, number>>) =>
    values['maasha_dns_slave_expiry_left_ratio{server="rc1"}'];

  it('believes a slave that says when its copies expire, at the first look', async () => {
    silent('rc1', 5 * DAY);
    const { values, alerts, evidence } = await look();
    expect(left(values)).toBeCloseTo(2 / 7, 3);
    expect(alerts).toEqual(['MaasHaDnsZoneExpiresSoon rc1']);
    expect(evidence).toContainEqual({
      kind: 'evidence',
      subject: 'rc1',
      says: `has not heard of its master for long; the first copy expires in 2d: ${ZONES.join(', ')}`,
    });
  });

  it('says once for all slaves when little is left, also while the master is down', async () => {
    for (const server of ['rc1', 'rc2'] as const) silent(server, 6 * DAY);
    const { alerts } = await look({}, { vip: 'refused' });
    expect(alerts).toEqual([
      'MaasHaDnsMasterDown',
      'MaasHaDnsZoneExpiresSoon rc1',
      'MaasHaDnsZoneExpiresSoon rc2',
      'MaasHaDnsZoneExpiring',
    ]);
  });

  it('reckons for a slave of the time before EDNS from when it was last in step', async () => {
    const clock = new FakeClock();
    servers.rc1.ancient = true;
    const first = await look({ clock });
    expect(left(first.values)).toBe(1);
    clock.advance(4 * DAY);
    const stored: unknown = JSON.parse(JSON.stringify(first.memory));
    const down = await look({ clock, memory: stored }, { vip: 'timeout', rc2: 'timeout' });
    expect(left(down.values)).toBeCloseTo(3 / 7, 5);
    expect(
      down.values['maasha_dns_zone_expires_timestamp_seconds{zone="maas3",server="rc1"}'],
    ).toBe(clock.now() / 1000 + 3 * DAY);
    clock.advance(4 * DAY);
    servers.rc1.zones.set('maas3', { serial: 102, mode: 'servfail' });
    const gone = await look({ clock, memory: down.memory }, { vip: 'timeout', rc2: 'timeout' });
    expect(gone.values['maasha_dns_zone_state{zone="maas3",server="rc1",state="expired"}']).toBe(1);
    expect(gone.alerts).toContain('MaasHaDnsZoneExpiring');
    expect(gone.evidence).toContainEqual({
      kind: 'evidence',
      subject: 'rc1',
      says: 'has an expired copy (SERVFAIL) of maas3',
    });
  });

  it('does not take a master that went back for a renewal', async () => {
    const clock = new FakeClock();
    const first = await look({ clock });
    clock.advance(4 * DAY);
    set('vip', 50);
    const { values, alerts } = await look({ clock, memory: first.memory });
    expect(left(values)).toBeCloseTo(3 / 7, 5);
    expect(alerts).toContain('MaasHaDnsMasterRegressed');
  });

  it('knows nothing at its first look of a slave that does not say and is not in step', async () => {
    set('rc1', 99);
    const { values, gaps } = await look();
    expect(left(values)).toBeUndefined();
    expect(values).not.toHaveProperty('maasha_dns_expiry_left_ratio{}');
    expect(gaps).toMatchObject([{ subject: 'rc1', failure: { code: 'version' } }]);
    expect(gaps[0]?.failure.message).toContain('was not seen in step yet: maas3');
  });

  it('says nothing of a slave that is silent, and keeps what it knew', async () => {
    const first = await look();
    const { values, memory } = await look({ memory: first.memory }, { rc1: 'timeout' });
    expect(left(values)).toBeUndefined();
    const copies = (of: unknown) => (of as { copies: Record<string, unknown> }).copies['rc1'];
    expect(copies(memory)).toEqual(copies(first.memory));
  });
});
