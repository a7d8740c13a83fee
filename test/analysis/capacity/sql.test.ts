import { describe, expect, it, test } from 'vitest';
import { capacitySql } from '../../../src/analysis/capacity/sql.ts';
import { replicationSql } from '../../../src/analysis/replication/sql.ts';

const OLD = [90_300, 90_400, 90_500, 90_600];
const NEW = [100_000, 110_000, 120_000, 130_000, 140_000, 150_000, 160_000, 170_000, 180_000];
const ALL = [...OLD, ...NEW];

const all = (version: number): string => {
  const { limits, narrow, slots = '', files = '' } = capacitySql(version);
  const { snapshot, senders, standby } = replicationSql(version);
  return [limits, narrow, slots, files, snapshot, senders, standby].join('\n');
};

/** The functions that are called, without those of SQL itself. */
const functions = (version: number): readonly string[] =>
  [...all(version).matchAll(/\b(pg_\w+)\(/g)].map(([, name = '']) => name);

describe('the queries about capacity', () => {
  test.each(NEW)('use no name of before 10 on %d', (version) => {
    expect(all(version)).not.toMatch(/xlog|location/);
  });

  test.each(OLD)('call no function of 10 and later on %d, and name no column of it', (version) => {
    expect(functions(version).filter((name) => /wal|lsn/.test(name))).toEqual([]);
    expect(all(version)).not.toMatch(/sent_lsn::|flush_lsn::|backend_type|temporary/);
  });

  test.each([
    ['pg_replication_slots', 90_400],
    ['backend_type', 100_000],
    ['temporary', 100_000],
    ['pg_ls_waldir', 100_000],
    ['wal_keep_size', 130_000],
    ['max_slot_wal_keep_size', 130_000],
    ['wal_status', 130_000],
    ['safe_wal_size', 130_000],
    ["'reserved_connections'", 160_000],
    ['inactive_since', 170_000],
  ])('ask for %s from %d on, and not before', (name, since) => {
    for (const version of ALL)
      expect(all(version).includes(name), String(version)).toBe(version >= since);
  });

  test.each([
    ['wal_keep_segments', 130_000],
    // Afterwards senders have a pool of their own.
    ['count(*) FROM pg_stat_replication', 120_000],
  ])('ask for %s before %d only', (name, until) => {
    for (const version of ALL)
      expect(all(version).includes(name), String(version)).toBe(version < until);
  });

  test.each(ALL)('name the same columns on %d as everywhere', (version) => {
    const names = (sql = ''): readonly string[] =>
      [...sql.matchAll(/ AS ([a-z]\w{3,})/g)].map(([, name = '']) => name);
    const { limits, slots, files } = capacitySql(version);
    expect(names(limits)).toEqual([
      'connections',
      'max_connections',
      'reserved',
      'keep',
      'keep_unit',
      'segment',
      'segment_unit',
      'slot_keep',
      'slot_keep_unit',
    ]);
    if (slots !== undefined)
      expect(names(slots)).toEqual([
        'slot_name',
        'active',
        'restart_lsn',
        'here',
        'status',
        'safe',
        'inactive_seconds',
        'here',
      ]);
    expect([slots === undefined, files === undefined]).toEqual([version < 90_400, version < 1e5]);
  });

  it('tell that a server older than 9.3 cannot tell', () => {
    expect(() => capacitySql(90_224)).toThrow(expect.objectContaining({ code: 'version' }));
  });

  it('are on 9.3 and on 17 as they were agreed', () => {
    expect(capacitySql(90_300).limits).toMatchInlineSnapshot(`
      "
      SELECT (SELECT count(*) FROM pg_stat_activity
              WHERE datid IS NOT NULL AND usesysid IS NOT NULL)
             + (SELECT count(*) FROM pg_stat_replication) AS connections,
             current_setting('max_connections') AS max_connections,
             current_setting('superuser_reserved_connections')::int AS reserved,
             k.setting AS keep,
             'segments' AS keep_unit,
             s.setting AS segment,
             s.unit AS segment_unit,
             '-1' AS slot_keep,
             'MB' AS slot_keep_unit
      FROM pg_settings AS k
      JOIN pg_settings AS s ON s.name = 'wal_segment_size'
      WHERE k.name = 'wal_keep_segments'"
    `);
    expect(capacitySql(170_000).slots).toMatchInlineSnapshot(`
      "
      SELECT s.slot_name::text AS slot_name,
             s.active::text AS active,
             s.restart_lsn::text AS restart_lsn,
             p.here::text AS here,
             s.wal_status AS status,
             s.safe_wal_size::text AS safe,
             extract(epoch FROM clock_timestamp() - s.inactive_since)::text AS inactive_seconds
      FROM pg_replication_slots AS s
      CROSS JOIN (SELECT CASE WHEN r.rec THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END AS here
                  FROM (SELECT pg_is_in_recovery() AS rec) AS r) AS p
      WHERE NOT s.temporary
      ORDER BY s.slot_name
      LIMIT 1000"
    `);
  });
});
