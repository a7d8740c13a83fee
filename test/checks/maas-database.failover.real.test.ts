import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
];

describe('maas-database where the primary is gone', { timeout: 60_000 }, () => {
  let lab: MaasLab;
  let pair: Pair;
  const look = (context: Partial<CheckContext> = {}) => lab.look(check, {}, { context });

  beforeAll(async () => {
    lab = await startMaas(1);
    pair = lab.pair;
    await asMaas(
      pair,
      firstGenerationRows(CLUSTERS, 105) + eventLoop('rc1:pid=10', '172.31.16.32'),
    );
  });
  afterAll(() => lab.stop());

  it('asks the standby what a standby can tell, and alarms nobody about the rest', async () => {
    const before = await look();
    await pair.caughtUp('standby');
    pair.freeze('primary');
    const ran = await look({ memory: stored(before.memory) });
    pair.thaw('primary');
    expect(ran.alerts).toEqual([]);
    expect(ran.values).not.toHaveProperty(['maasha_maas_region_attached{}']);
    expect(ran.values).not.toHaveProperty(['maasha_maas_zone_serial{}']);
    expect(ran.values['maasha_maas_foreign_dhcp{cluster="maas4"}']).toBe(0);
    expect(ran.gaps.map(({ subject, failure }) => [subject, failure.code])).toEqual([
      ['event loops', 'dependency'],
      ['zone serials', 'dependency'],
    ]);
    expect(says(ran)).toContain('rc2: is asked, a standby whose rows are up to');
    expect(ran.memory).toEqual(stored(before.memory));
  });

  it('a standby refuses an unlogged table in the very words that are no alarm', async () => {
    await expect(pair.sql('standby', 'SELECT * FROM eventloops')).rejects.toMatchObject({
      code: '0A000',
      message: 'cannot access temporary or unlogged relations during recovery',
    });
  });

  it('a promoted standby that was behind sends the sequence back, and has no event loops', async () => {
    const first = await look();
    await pair.caughtUp('standby');
    pair.cut();
    await asMaas(pair, `SELECT nextval('maasserver_zone_serial_seq') FROM generate_series(1, 100)`);
    const second = await look({ memory: stored(first.memory) });
    await pair.crash('primary');
    await pair.promote('standby');
    const ran = await look({ memory: stored(second.memory) });
    expect(ran.values['maasha_maas_zone_serial{}']).toBeLessThan(205);
    expect(ran.values['maasha_maas_zone_serial_behind{}']).toBeGreaterThan(60);
    expect(ran.alerts).toEqual([
      'MaasHaRegionDetachedFromDatabase',
      'MaasHaSerialSequenceWentBack',
    ]);
    // Both take writes now: nobody knows whose rows count, and nothing is compared.
    await pair.start('primary');
    const split = await look({ memory: stored(second.memory) });
    expect(split.values).toEqual({});
    expect(split.gaps[0]?.failure.message).toContain('rc1 and rc2 both take writes');
    expect(split.memory).toEqual(stored(second.memory));
    pair.restore();
    await pair.rebuild('primary');
  });

  it('a promoted standby that was level makes the sequence jump forward, which is no alarm', async () => {
    // The two have changed places in the test before.
    await asMaas(pair, `SELECT nextval('maasserver_zone_serial_seq')`, 'standby');
    const first = await look();
    await pair.caughtUp('primary');
    await pair.crash('standby');
    await pair.promote('primary');
    const ran = await look({ memory: stored(first.memory) });
    const [was, is] = [first, ran].map(({ values }) => values['maasha_maas_zone_serial{}'] ?? 0);
    expect(is).toBeGreaterThan(was ?? 0);
    expect(is).toBeLessThanOrEqual((was ?? 0) + 32);
    expect(ran.values['maasha_maas_zone_serial_behind{}']).toBe(0);
    expect(ran.alerts).not.toContain('MaasHaSerialSequenceWentBack');
  });
});
