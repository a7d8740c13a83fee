import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import database from '../../checks/maas-database.ts';
import racks from '../../checks/rack-connections.ts';
import { says, startMaas, type MaasLab } from '../support/maas-look.ts';
import { asMaas, regionOf } from '../support/maas-pair.ts';
import { cutOff, HEALTHY, idOf, older, service } from '../support/maas-second.ts';
import type { Pair } from '../support/postgres.ts';

describe('the tables of MAAS 2.0 and later', { timeout: 60_000 }, () => {
  let lab: MaasLab;
  let pair: Pair;
  const look: MaasLab['look'] = (...given) => lab.look(...given);

  beforeAll(async () => {
    lab = await startMaas(2);
    pair = lab.pair;
  });
  beforeEach(() => asMaas(pair, HEALTHY));
  afterAll(() => lab.stop());

  it('are seen whole in health, with nothing but the grants', async () => {
    const ran = await look(database);
    expect([ran.alerts, ran.gaps, ran.skips]).toEqual([[], [], []]);
    expect(ran.values).toMatchObject({
      'maasha_maas_region_attached{}': 1,
      'maasha_maas_region_processes{node="rc1"}': 4,
      'maasha_maas_region_processes_missing{node="rc2"}': 0,
      'maasha_maas_service_state{controller="rc1",service="regiond",state="running"}': 1,
      'maasha_maas_service_state{controller="maas4",service="rackd",state="running"}': 1,
      'maasha_maas_service_state{controller="maas4",service="dhcpd6",state="off"}': 1,
      'maasha_maas_service_state{controller="unconfigured",service="tftp",state="dead"}': 0,
      'maasha_maas_dhcp_vlans_exposed{}': 0,
      'maasha_maas_controller_versions{}': 1,
      'maasha_maas_endpoints_claimed_twice{}': 0,
      'maasha_maas_zone_serial{}': 100_000,
      'maasha_maas_own_errors{component="other"}': 0,
    });
    const found = await look(racks);
    expect([found.alerts, found.gaps, found.skips]).toEqual([[], [], []]);
    expect(found.values).toEqual({
      'maasha_racks_connected{}': 3,
      'maasha_rack_connected{rack="maas4"}': 1,
      'maasha_rack_connections_missing{rack="maas4"}': 0,
      'maasha_rack_connected{rack="maas5"}': 1,
      'maasha_rack_connections_missing{rack="maas5"}': 0,
      'maasha_rack_connected{rack="unconfigured"}': 1,
      'maasha_rack_connections_missing{rack="unconfigured"}': 0,
    });
  });

  it('may not be read where they hold secrets', async () => {
    for (const secret of [
      'instance_power_parameters FROM maasserver_node',
      'value FROM maasserver_config',
    ])
      await expect(pair.sql('primary', `SET ROLE maasha; SELECT ${secret}`)).rejects.toThrow(
        /permission denied/,
      );
  });

  it('with every regiond dead: one alarm, and nothing that dead rows say', async () => {
    await asMaas(pair, older(3) + service('rc1', 'bind9', 'dead'));
    const ran = await look(database);
    expect(ran.alerts).toEqual([
      'MaasHaRegionDetachedFromDatabase',
      'MaasHaRegionProcessesMissing rc1',
      'MaasHaRegionProcessesMissing rc2',
    ]);
    expect(says(ran)).toContain('the newest of 8 rows was refreshed 3m ago');
    expect(Object.keys(ran.values).join()).not.toContain('service_state');
    expect(ran.gaps.map(({ subject, failure }) => [subject, failure.code])).toEqual([
      ['services', 'dependency'],
    ]);
    const found = await look(racks);
    expect([found.values, found.alerts]).toEqual([{}, []]);
    expect(found.gaps[0]?.failure.message).toContain('no process of the region is alive');
  });

  it('with no process at all: the same', async () => {
    await asMaas(pair, 'DELETE FROM maasserver_regioncontrollerprocess');
    expect((await look(database)).alerts[0]).toBe('MaasHaRegionDetachedFromDatabase');
    expect((await look(racks)).gaps).toHaveLength(1);
  });

  it('with too few processes on a node: how many MAAS itself expects counts', async () => {
    const one = `id = (SELECT max(id) FROM maasserver_regioncontrollerprocess WHERE region_id = ${idOf('rc2')})`;
    const expected = service(
      'rc2',
      'regiond',
      'degraded',
      '3 processes running but 4 were expected.',
    );
    await asMaas(pair, `DELETE FROM maasserver_regioncontrollerprocess WHERE ${one};` + expected);
    const ran = await look(database);
    expect(ran.values['maasha_maas_region_processes{node="rc2"}']).toBe(3);
    expect(ran.alerts).toEqual([
      'MaasHaRegionProcessesMissing rc2',
      'MaasHaMaasServiceDegraded rc2 regiond degraded',
    ]);
    // An administrator who wants three is served by three.
    await asMaas(pair, service('rc2', 'regiond', 'running'));
    expect((await look(database)).alerts).toEqual([]);
  });

  it('with a node that is gone: its region is dead, by MAAS and by its rows', async () => {
    await asMaas(pair, older(5, `region_id = ${idOf('rc2')}`) + service('rc2', 'regiond', 'dead'));
    expect((await look(database)).alerts).toEqual([
      'MaasHaRegionProcessesMissing rc2',
      'MaasHaMaasServiceDead rc2 regiond dead',
    ]);
  });

  it('with services in trouble: dead and degraded are, off and unknown are not', async () => {
    await asMaas(
      pair,
      service('maas4.example.net', 'dhcpd', 'off') +
        service('maas4.example.net', 'http', 'unknown') +
        service('MAAS5', 'tftp', 'dead', 'tftp\nfailed') +
        service('rack-of-nobody', 'rackd', 'degraded', '25% connected to region controllers.') +
        `INSERT INTO maasserver_service (name, status, node_id) VALUES ('brand-new', 'dead', ${idOf('rc1')});`,
    );
    const ran = await look(database);
    expect(ran.alerts).toEqual([
      'MaasHaMaasServiceDead rc1 other dead',
      'MaasHaMaasServiceDead maas5 tftp dead',
      'MaasHaMaasServiceDegraded unconfigured rackd degraded',
    ]);
    expect(says(ran)).toContain('MAAS5: MAAS says that tftp is dead: tftp failed');
    expect(ran.inapplicable).toContain(
      'maasha_maas_service_state{controller="maas5",service="tgt"}',
    );
  });

  it('with DHCP exposed, unserved, or shared with a stranger', async () => {
    await asMaas(
      pair,
      cutOff('MAAS5') +
        `UPDATE maasserver_vlan SET secondary_rack_id = ${idOf('MAAS5')}, external_dhcp = '10.0.0.66';
         INSERT INTO maasserver_vlan (vid, dhcp_on) VALUES (7, true), (8, false);`,
    );
    const ran = await look(database);
    expect(ran.values['maasha_maas_dhcp_vlans_exposed{}']).toBe(2);
    expect(ran.alerts).toEqual(['MaasHaRogueDhcp maas4', 'MaasHaDhcpRedundancyLost']);
    expect(says(ran)).toContain('VLAN 0: its rack MAAS5 is not connected to the region');
    expect(says(ran)).toContain('VLAN 7: has DHCP on and no rack that serves it');
    expect(says(ran)).toContain('VLAN 0: MAAS saw a foreign DHCP server, 10.0.0.66');
  });

  it('with a half-done upgrade', async () => {
    await asMaas(
      pair,
      `UPDATE maasserver_controllerinfo SET version = '3.6.0' WHERE node_id = ${idOf('rc2')}`,
    );
    const ran = await look(database);
    expect(ran.alerts).toEqual(['MaasHaMaasVersionSkew']);
    expect(says(ran)).toContain('versions: MAAS 3.6 on rc2');
    // A patch is no skew, and a controller that has not said its version yet has none.
    await asMaas(
      pair,
      `UPDATE maasserver_controllerinfo SET version = '3.5.4' WHERE node_id = ${idOf('rc2')};
      UPDATE maasserver_controllerinfo SET version = '' WHERE node_id = ${idOf('rc1')}`,
    );
    expect((await look(database)).alerts).toEqual([]);
  });

  it('with what MAAS says to its administrators: errors count, warnings are told', async () => {
    await asMaas(
      pair,
      `INSERT INTO maasserver_notification (ident, category, message, admins) VALUES
       ('clusters', 'error', 'One rack is not connected', true), (NULL, 'warning', 'DHCP is off', true),
       ('Image importer', 'error', 'for users only', false), ('x', 'success', 'done', true)`,
    );
    const ran = await look(database);
    expect(ran.alerts).toEqual(['MaasHaMaasComponentError clusters']);
    expect(says(ran)).toMatch(/MAAS: MAAS warns, .* old: DHCP is off/);
    expect(says(ran)).not.toContain('for users only');
  });

  it('with an address that two regions claim', async () => {
    await asMaas(
      pair,
      `INSERT INTO maasserver_regioncontrollerprocessendpoint (address, port, process_id)
       SELECT '172.31.16.39', 5250, id FROM maasserver_regioncontrollerprocess WHERE pid = 1001`,
    );
    const ran = await look(database);
    expect(ran.alerts).toEqual(['MaasHaRegionAddressClaimedTwice']);
    expect(says(ran)).toContain('region addresses: 172.31.16.39:5250 is claimed by rc1 and rc2');
  });

  it('are skipped where the role may not read them, column by column', async () => {
    const ran = await look(racks, {}, { user: 'plain' });
    expect(ran.values).toEqual({});
    expect(ran.gaps).toEqual([]);
    expect(ran.skips.map(({ reason }) => reason)[0]).toBe(
      'plain may not read it: GRANT SELECT (id, system_id, hostname, node_type) ON maasserver_node TO plain; GRANT SELECT ON maasserver_regioncontrollerprocess TO plain; GRANT SELECT ON maasserver_regioncontrollerprocessendpoint TO plain; GRANT SELECT ON maasserver_regionrackrpcconnection TO plain;',
    );
    const all = await look(database, {}, { user: 'plain' });
    expect(all.skips).toHaveLength(7);
    expect([all.gaps, all.alerts]).toEqual([[], []]);
  });

  it('of a version that lacks one: a gap for that, the rest is seen', async () => {
    await asMaas(pair, 'ALTER TABLE maasserver_notification RENAME TO put_aside');
    const ran = await look(database);
    await asMaas(pair, 'ALTER TABLE put_aside RENAME TO maasserver_notification');
    expect(ran.gaps.map(({ failure }) => [failure.code, failure.message])).toEqual([
      ['version', 'this version of MAAS has no table maasserver_notification'],
    ]);
    expect(ran.values['maasha_maas_region_attached{}']).toBe(1);
  });

  it('are known for the other generation', async () => {
    const ran = await look(database, { generation: 1 });
    expect(ran.gaps.map(({ failure }) => failure.message)).toEqual([
      'configured `generation: 1`, but the database looks like generation 2',
    ]);
  });

  it('that are not there at all: another database', async () => {
    const server = regionOf(pair).postgres!;
    const ran = await look(database, { postgres: { ...server, database: 'postgres' } });
    expect(ran.gaps.map(({ failure }) => [failure.code, failure.message])).toEqual([
      ['config', 'configured `generation: 2`, but the database holds no tables of MAAS'],
    ]);
  });

  describe('on a standby, the primary being gone', () => {
    const onStandby = async (statements: string) => {
      await asMaas(pair, statements);
      await pair.caughtUp('standby');
      pair.freeze('primary');
      try {
        return [await look(database), await look(racks)] as const;
      } finally {
        pair.thaw('primary');
      }
    };

    it('tell who lives while they are young', async () => {
      const [ran, found] = await onStandby(cutOff('MAAS5'));
      expect(ran.values['maasha_maas_region_attached{}']).toBe(1);
      expect(ran.values).not.toHaveProperty(['maasha_maas_zone_serial{}']);
      expect(ran.gaps.map(({ subject }) => subject)).toEqual(['zone serials']);
      expect(found.alerts).toEqual(['MaasHaRackDisconnected maas5']);
    });

    it('tell who is dead where that was so before the standby lost its primary', async () => {
      const [ran] = await onStandby(older(10));
      expect(ran.values['maasha_maas_region_attached{}']).toBe(0);
    });
  });
});
