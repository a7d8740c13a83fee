import { describe, expect, it, test } from 'vitest';
import { replicationSql } from '../../../src/analysis/replication/sql.ts';

const OLD = [90_300, 90_324, 90_400, 90_500, 90_600, 90_624];
const NEW = [100_000, 110_000, 120_000, 130_000, 140_000, 150_018, 160_000, 170_000, 180_004];

const all = (version: number): string => Object.values(replicationSql(version)).join('\n');

describe('replicationSql', () => {
  test.each(NEW)('uses no name of before 10 on %d', (version) => {
    expect(all(version)).not.toMatch(/xlog|_location/);
  });

  test.each(OLD)('uses no name of 10 and later on %d', (version) => {
    expect(all(version)).not.toMatch(/pg_current_wal|_wal_replay|_walfile|_lsn\(|sent_lsn::/);
  });

  test.each([90_300, 90_500])('asks %d for nothing that came with 9.6', (version) => {
    expect(all(version)).not.toMatch(/pg_stat_wal_receiver|pg_control_|flush_location\(/);
  });

  test.each([...OLD, 100_000, 110_000])('asks %d for no setting of recovery', (version) => {
    expect(all(version)).not.toMatch(/recovery_min_apply_delay|primary_slot_name/);
  });

  test.each([...OLD, 100_000, 130_000])('asks %d for no state of a pause', (version) => {
    expect(all(version)).not.toMatch(/pause_state\(/);
  });

  test.each([...OLD, ...NEW])('names the same columns on %d as everywhere', (version) => {
    const names = (sql: string): readonly string[] =>
      [...sql.matchAll(/ AS ([a-z]+_[a-z_]+)/g)].map(([, name = '']) => name);
    const { snapshot, senders, standby } = replicationSql(version);
    expect(names(snapshot)).toEqual([
      'in_recovery',
      'flush_lsn',
      'wal_file',
      'control_timeline',
      'system_identifier',
    ]);
    expect(names(senders)).toEqual(['sent_lsn', 'flush_lsn', 'replay_lsn', 'primary_flush_lsn']);
    expect(names(standby)).toEqual([
      'receive_lsn',
      'replay_lsn',
      'replay_paused',
      'pause_state',
      'apply_delay_ms',
      'slot_name',
      'receiver_pid',
      'receiver_status',
      'received_timeline',
      'silent_seconds',
    ]);
  });

  it('tells that a server older than 9.3 cannot tell', () => {
    expect(() => replicationSql(90_224)).toThrow(expect.objectContaining({ code: 'version' }));
  });

  it('renders 9.3 and 15 as they were agreed', () => {
    expect(replicationSql(90_324).senders).toMatchInlineSnapshot(`
      "
      SELECT s.application_name, host(s.client_addr) AS address, s.state,
             s.sent_location::text AS sent_lsn,
             s.flush_location::text AS flush_lsn,
             s.replay_location::text AS replay_lsn,
             p.here::text AS primary_flush_lsn
      FROM pg_stat_replication AS s
      CROSS JOIN (SELECT pg_current_xlog_location() AS here) AS p"
    `);
    expect(replicationSql(150_018).standby).toMatchInlineSnapshot(`
      "
      SELECT pg_last_wal_receive_lsn()::text AS receive_lsn,
             pg_last_wal_replay_lsn()::text AS replay_lsn,
             pg_is_wal_replay_paused()::text AS replay_paused,
             pg_get_wal_replay_pause_state() AS pause_state,
             (SELECT setting FROM pg_settings WHERE name = 'recovery_min_apply_delay') AS apply_delay_ms,
             coalesce(nullif(current_setting('primary_slot_name'), ''), w.slot_name) AS slot_name,
             w.pid::text AS receiver_pid,
             w.status AS receiver_status,
             w.received_tli::text AS received_timeline,
             extract(epoch FROM clock_timestamp() - w.last_msg_receipt_time)::text AS silent_seconds
      FROM (SELECT 1) AS one
      LEFT JOIN pg_stat_wal_receiver AS w ON true"
    `);
  });
});
