import { appendFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { capacitySql } from '../../src/analysis/capacity/sql.ts';
import { MAY_REPLICATE } from '../../src/analysis/divergence/notes.ts';
import { HELLO_SQL } from '../../src/analysis/maas/database.ts';
import { replicationSql } from '../../src/analysis/replication/sql.ts';
import { WHO_ANSWERS } from '../../src/analysis/vip-sql/answers.ts';
import { freshPlaces, startPair, type Pair, type Side } from '../support/postgres.ts';
import { builds } from './builds.ts';
import { look, PATIENCE, postgresPorts, regionOf, trouble, type From } from './look.ts';

/*
 * Every query and every check that asks PostgreSQL, on a real primary and its standby of each major
 * version. The cases of one version follow each other and build on each other.
 */

const results = process.env['MAASHA_VERSIONS_RESULTS'];

describe.each(builds())('PostgreSQL $major', ({ major, bin }) => {
  let pair: Pair;
  const until = (wanted: (said: readonly string[]) => void, from: From = {}) =>
    vi.waitFor(
      async () => {
        const looks = await look(pair, from);
        wanted(trouble(looks));
        return looks;
      },
      { timeout: 30_000, interval: 200 },
    );

  beforeAll(async () => {
    pair = await startPair({ ...freshPlaces(), build: { major, bin } });
    await pair.sql(
      'primary',
      `CREATE TABLE filler (n int);
       CREATE TABLE canary (region text PRIMARY KEY, token text NOT NULL, written_at timestamptz NOT NULL);
       INSERT INTO canary VALUES ('maas3', '', now());
       GRANT SELECT, UPDATE ON canary TO maasha`,
    );
    await pair.caughtUp('standby');
  });
  afterAll(() => pair.stop());
  afterEach(({ task }) => {
    if (results === undefined) return;
    const state = task.result?.state === 'pass' ? 'pass' : 'FAIL';
    appendFileSync(results, `${JSON.stringify({ major, name: task.name, state })}\n`);
  });

  it('is the version that it should be', async () => {
    const session = await postgresPorts().postgres.open(serverAt('primary'), PATIENCE);
    expect(Math.floor(session.version / 10_000)).toBe(major);
  });

  const serverAt = (side: Side) => ({ ...regionOf(pair).postgres!, ...pair.place[side] });

  it.each(['primary', 'standby'] as const)('understands every query: %s', async (side) => {
    const session = await postgresPorts().postgres.open(serverAt(side), PATIENCE);
    const { senders, standby, snapshot } = replicationSql(session.version);
    const { limits, narrow, slots, files } = capacitySql(session.version);
    const everywhere = [snapshot, limits, narrow, MAY_REPLICATE, WHO_ANSWERS, HELLO_SQL];
    const asked =
      side === 'primary' ? [...everywhere, senders, slots, files] : [...everywhere, standby];
    for (const sql of asked)
      if (sql !== undefined) expect(await session.query(sql, PATIENCE)).toBeDefined();
  });

  it.each(['primary', 'standby'] as const)('speaks the replication protocol: %s', async (side) => {
    for (const physical of [false, true]) {
      const sender = await postgresPorts().walsender.open(serverAt(side), {
        ...PATIENCE,
        physical,
      });
      expect(await sender.identify(PATIENCE)).toMatchObject({ timeline: 1 });
    }
  });

  it('is well to every check when it is well', async () => {
    const { replication, divergence, vip } = await until((said) => {
      expect(said).toEqual([]);
    });
    expect(replication.values['maasha_postgres_replication_connected{standby="standby"}']).toBe(1);
    expect(divergence.values['maasha_postgres_diverged{node="standby"}']).toBe(0);
    expect(vip.values).toMatchObject({
      'maasha_vip_sql_writable{}': 1,
      'maasha_vip_write_success{}': 1,
    });
  });

  it('says to a role without pg_monitor that it may not see, and never "no standby"', async () => {
    const { replication } = await look(pair, { user: 'plain' });
    const { gaps, values } = replication;
    expect(gaps.map(({ failure }) => failure.code)).toContain('no_privilege');
    expect(values['maasha_postgres_replication_connected{standby="standby"}']).toBeUndefined();
    expect(values['maasha_postgres_standby_exists{}']).toBeUndefined();
  });

  it('says to a role without REPLICATION which grant is missing', async () => {
    const { divergence, vip } = await look(pair, { user: 'plain' });
    expect(divergence.skips[0]?.reason).toContain('ALTER ROLE plain REPLICATION');
    expect(vip.skips[0]?.reason).toContain('GRANT SELECT, UPDATE ON canary TO plain');
  });

  it('takes no writes where the virtual address leads to the standby', async () => {
    await until(
      (said) => {
        expect(said).toEqual(['MaasHaVipSqlReadOnly']);
      },
      { vip: 'standby' },
    );
  });

  it('answers nobody when it is frozen', async () => {
    pair.freeze('primary');
    try {
      const { vip, replication, divergence } = await look(pair);
      expect(vip.alerts).toEqual(['MaasHaVipSqlDown']);
      expect(replication.alerts).toContain('MaasHaPostgresDown primary');
      expect(divergence.gaps.map(({ subject }) => subject)).toEqual(['primary']);
    } finally {
      pair.thaw('primary');
    }
    await until((said) => {
      expect(said).toEqual([]);
    });
  });

  it('misses a standby that was killed, and finds it again', async () => {
    await pair.crash('standby');
    const looks = await until((said) => {
      expect(said).toContain('MaasHaStandbyMissing standby');
      expect(said).toContain('MaasHaPostgresDown standby');
    });
    expect(looks.divergence.values).toEqual({});
    expect(looks.vip.alerts).toEqual([]);
    await pair.start('standby');
    await pair.caughtUp('standby');
    await until((said) => {
      expect(said).toEqual([]);
    });
  });

  it('has diverged after a promotion behind its back, by so many bytes', async () => {
    await pair.promote('standby');
    await pair.sql('primary', 'INSERT INTO filler SELECT generate_series(1, 20000)');
    const { divergence, replication } = await until((said) => {
      expect(said).toContain('MaasHaTwoPrimaries');
      expect(said).toContain('MaasHaHistoryDiverged primary');
    });
    expect(replication.alerts).toContain('MaasHaTimelinesDiffer');
    const bytes = divergence.values['maasha_postgres_divergent_wal_bytes{node="primary"}'];
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(divergence.values['maasha_postgres_diverged{node="standby"}']).toBe(0);
  });

  it('has diverged still when the old primary comes back as a standby', async () => {
    await pair.crash('primary');
    await pair.demote('primary');
    await pair.start('primary');
    const { divergence } = await until((said) => {
      expect(said).toContain('MaasHaHistoryDiverged primary');
      expect(said).not.toContain('MaasHaTwoPrimaries');
    });
    expect(
      divergence.values['maasha_postgres_divergent_wal_bytes{node="primary"}'],
    ).toBeGreaterThan(1_000_000);
  });

  it('is well again after a rebuild', async () => {
    await pair.rebuild('primary');
    await until(
      (said) => {
        expect(said).toEqual([]);
      },
      { vip: 'standby' },
    );
  });
});
