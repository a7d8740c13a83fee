import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import check from '../../checks/maas-database.ts';
import type { CheckContext } from '../../src/core/check.ts';
import { says, startMaas, stored, type MaasLab } from '../support/maas-look.ts';
import { asMaas } from '../support/maas-pair.ts';
import { eventLoop, firstGenerationRows } from '../support/maas-schema.ts';
import type { Pair } from '../support/postgres.ts';

const CLUSTERS = [
  {
    uuid: '5d9a7b0e-0000-4000-8000-000000000034',
    name: 'cluster-a',
    zone: 'maas4',
    address: '10.0.4.1',
  },
  {
    uuid: '5d9a7b0e-0000-4000-8000-000000000035',
    name: 'cluster-b',
    zone: 'maas5',
    address: '10.0.5.1',
  },
  {
    uuid: '5d9a7b0e-0000-4000-8000-000000000099',
    name: 'cluster-c',
    zone: 'maas9',
    address: '10.0.9.1',
  },
];

const EMPTIED =
  'TRUNCATE maasserver_nodegroup, maasserver_componenterror, maasserver_config, eventloops CASCADE;';

describe('maas-database on the tables of MAAS 1.x', { timeout: 60_000 }, () => {
  let lab: MaasLab;
  let pair: Pair;
  const look = (
    context: Partial<CheckContext> = {},
    { user, generation = 1 }: { user?: string; generation?: 1 | 2 } = {},
  ) => lab.look(check, { generation }, { context, ...(user !== undefined && { user }) });

  beforeAll(async () => {
    lab = await startMaas(1);
    pair = lab.pair;
  });
  beforeEach(() =>
    asMaas(
      pair,
      EMPTIED + firstGenerationRows(CLUSTERS, 105) + eventLoop('rc1:pid=10', '172.31.16.32'),
    ),
  );
  afterAll(() => lab.stop());

  it('sees a healthy region whole, with nothing but the grants', async () => {
    const ran = await look();
    expect(ran.values).toMatchObject({
      'maasha_maas_region_attached{}': 1,
      'maasha_maas_event_loops{rows="listed"}': 1,
      'maasha_maas_event_loops{rows="fresh"}': 1,
      'maasha_maas_foreign_dhcp{cluster="maas4"}': 0,
      'maasha_maas_foreign_dhcp{cluster="maas5"}': 0,
      'maasha_maas_foreign_dhcp{cluster="unconfigured"}': 0,
      'maasha_maas_own_errors{component="clusters"}': 0,
      'maasha_maas_zone_serial{}': 105,
    });
    expect([ran.alerts, ran.gaps, ran.skips]).toEqual([[], [], []]);
    expect(ran.values).not.toHaveProperty(['maasha_maas_zone_serial_behind{}']);
    expect(says(ran)).toContain('one look alone cannot tell');
  });

  it('may not read what is a secret', async () => {
    for (const secret of ['api_key FROM maasserver_nodegroup', 'value FROM maasserver_config'])
      await expect(pair.sql('primary', `SET ROLE maasha; SELECT ${secret}`)).rejects.toThrow(
        /permission denied/,
      );
  });

  it('finds an empty table, which is what a failover leaves', async () => {
    await asMaas(pair, 'DELETE FROM eventloops');
    const ran = await look();
    expect(ran.alerts).toEqual(['MaasHaRegionDetachedFromDatabase']);
    expect(says(ran)).toContain('the table is empty');
  });

  it('finds a region that refreshes its rows no more, and counts a loop once', async () => {
    await asMaas(
      pair,
      EMPTIED +
        eventLoop('rc1:pid=10', '172.31.16.32', 121) +
        eventLoop('rc1:pid=10', '172.31.16.39', 500),
    );
    const ran = await look();
    expect(ran.values).toMatchObject({
      'maasha_maas_event_loops{rows="listed"}': 1,
      'maasha_maas_event_loops{rows="fresh"}': 0,
    });
    expect(ran.alerts).toEqual(['MaasHaRegionDetachedFromDatabase']);
    // The newest of its rows is as old as a loop is.
    await asMaas(pair, eventLoop('rc1:pid=10', '172.31.16.32', 119));
    expect((await look()).alerts).toEqual([]);
  });

  it('takes a row from the future for a fresh one', async () => {
    await asMaas(pair, EMPTIED + eventLoop('rc1:pid=10', '172.31.16.32', -90));
    expect((await look()).alerts).toEqual([]);
  });

  it('finds a database on which no region ever started', async () => {
    await asMaas(pair, 'ALTER TABLE eventloops RENAME TO put_aside');
    const ran = await look();
    await asMaas(pair, 'ALTER TABLE put_aside RENAME TO eventloops');
    expect(ran.alerts).toEqual(['MaasHaRegionDetachedFromDatabase']);
    expect(says(ran)).toContain('no region application ever started on this database');
    expect(ran.gaps).toEqual([]);
  });

  it('tells what MAAS complains of, on one line and bounded, and by its component', async () => {
    const long = `Image import failed\n\u001b[31m<b>${'x'.repeat(900)}`;
    await asMaas(
      pair,
      `INSERT INTO maasserver_componenterror (component, error, created, updated)
       VALUES ('Image importer', E'${long.replaceAll('\n', '\\n')}', now(), now()),
              ('clusters', 'One cluster is not connected', now(), now()), ('strange', 'x', now(), now())`,
    );
    const ran = await look();
    expect(ran.alerts).toEqual([
      'MaasHaMaasComponentError clusters',
      'MaasHaMaasComponentError images',
      'MaasHaMaasComponentError other',
    ]);
    expect(says(ran)).toContain('Image import failed \\x1b[31m<b>xxx');
    for (const { says: text } of ran.evidence) {
      expect(text.length).toBeLessThan(300);
      expect(text).not.toMatch(/[\n\u001b]/);
    }
  });

  it('finds a rogue DHCP server where MAAS is to serve, by UUID, name or neither', async () => {
    await asMaas(pair, `UPDATE maasserver_nodegroupinterface SET foreign_dhcp_ip = '10.0.0.66'`);
    const ran = await look();
    expect(ran.alerts).toEqual([
      'MaasHaRogueDhcp maas4',
      'MaasHaRogueDhcp maas5',
      'MaasHaRogueDhcp unconfigured',
    ]);
    expect(says(ran)).toContain(
      'cluster-a: MAAS saw a foreign DHCP server, 10.0.0.66, on its interface eth0',
    );
    // Where MAAS is not to serve DHCP, somebody else has to.
    await asMaas(pair, 'UPDATE maasserver_nodegroupinterface SET management = 0');
    expect((await look()).alerts).toEqual([]);
  });

  it('knows that the sequence went back as soon as it did, and until it is raised', async () => {
    const first = await look();
    await asMaas(pair, `SELECT nextval('maasserver_zone_serial_seq') FROM generate_series(1, 40)`);
    const second = await look({ memory: stored(first.memory) });
    expect(second.values['maasha_maas_zone_serial_behind{}']).toBe(0);
    await asMaas(pair, `SELECT setval('maasserver_zone_serial_seq', 34)`);
    const third = await look({ memory: stored(second.memory) });
    expect(third.values).toMatchObject({
      'maasha_maas_zone_serial{}': 34,
      'maasha_maas_zone_serial_behind{}': 111,
    });
    expect(third.alerts).toEqual(['MaasHaSerialSequenceWentBack']);
    expect(says(third)).toContain('is 111 behind (it was at 145)');
    await asMaas(pair, `SELECT setval('maasserver_zone_serial_seq', 146)`);
    expect((await look({ memory: stored(third.memory) })).alerts).toEqual([]);
  });

  it('does not compare where the database is another generation, and says so once', async () => {
    const first = await look();
    const ran = await look({ memory: stored(first.memory) }, { generation: 2 });
    expect(ran.values).toEqual({});
    expect(ran.gaps.map(({ failure }) => [failure.code, failure.message])).toEqual([
      ['config', 'configured `generation: 2`, but the database looks like generation 1'],
    ]);
    expect(ran.memory).toEqual(stored(first.memory));
  });

  it('skips what the role may not read, with the exact grants', async () => {
    const ran = await look({}, { user: 'plain' });
    expect(ran.values).toEqual({});
    expect([ran.alerts, ran.gaps]).toEqual([[], []]);
    expect(ran.skips.map(({ subject, code, reason }) => [subject, code, reason])).toEqual([
      [
        'event loops',
        'no_privilege',
        'plain may not read it: GRANT SELECT ON eventloops TO plain;',
      ],
      [
        'foreign DHCP',
        'no_privilege',
        'plain may not read it: GRANT SELECT (id, uuid, name, cluster_name, status) ON maasserver_nodegroup TO plain; GRANT SELECT (nodegroup_id, interface, ip, management, foreign_dhcp_ip) ON maasserver_nodegroupinterface TO plain;',
      ],
      [
        'errors that MAAS shows',
        'no_privilege',
        'plain may not read it: GRANT SELECT ON maasserver_componenterror TO plain;',
      ],
      [
        'zone serials',
        'no_privilege',
        'plain may not read it: GRANT SELECT ON maasserver_zone_serial_seq TO plain;',
      ],
    ]);
  });

  it('sees everything once those grants were given, word by word', async () => {
    const { skips } = await look({}, { user: 'plain' });
    const grants = skips.map(({ reason }) => reason.replace(/^.*?: /, '')).join(' ');
    await asMaas(pair, grants);
    const ran = await look({}, { user: 'plain' });
    await asMaas(pair, grants.replaceAll('GRANT', 'REVOKE').replaceAll(' TO ', ' FROM '));
    expect([ran.skips, ran.gaps, ran.alerts]).toEqual([[], [], []]);
    expect(ran.values['maasha_maas_region_attached{}']).toBe(1);
  });

  it('finds tables that are not on the search_path, and says how to put them there', async () => {
    const move = (to: string) =>
      [
        'eventloops',
        'maasserver_nodegroup',
        'maasserver_nodegroupinterface',
        'maasserver_componenterror',
      ]
        .map((table) => `ALTER TABLE ${table} SET SCHEMA ${to};`)
        .join(' ');
    await asMaas(
      pair,
      `CREATE SCHEMA other; ${move('other')} ALTER SEQUENCE maasserver_zone_serial_seq SET SCHEMA other`,
    );
    const ran = await look();
    await asMaas(
      pair,
      `SET search_path = other; ${move('public')} ALTER SEQUENCE maasserver_zone_serial_seq SET SCHEMA public; DROP SCHEMA other`,
    );
    expect(ran.gaps.map(({ failure }) => failure.message)).toEqual([
      'other.eventloops is not on the search_path of maasha: GRANT USAGE ON SCHEMA other TO maasha; ALTER ROLE maasha SET search_path = other;',
    ]);
    expect(ran.values).toEqual({});
  });
});
