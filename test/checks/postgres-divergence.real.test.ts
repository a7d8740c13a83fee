import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import divergence from '../../checks/postgres-divergence.ts';
import vip from '../../checks/postgres-vip.ts';
import type { Check } from '../../src/core/check.ts';
import type { Region } from '../../src/core/region.ts';
import { Secret } from '../../src/core/secret.ts';
import { systemClock } from '../../src/io/clock.ts';
import { PostgresConnections } from '../../src/io/postgres.ts';
import { fakePorts } from '../support/ports.ts';
import { freshPlaces, startPair, type Pair, type Side } from '../support/postgres.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';
import { inRun } from '../support/run-scope.ts';

const PATIENTLY = { timeout: 20_000, interval: 50 };

describe('on a real pair', { timeout: 60_000 }, () => {
  let pair: Pair;
  let connections: PostgresConnections;

  const look = (check: Check, changes: Partial<Region> = {}, user = pair.user as string) => {
    const { name, generation, maasUrl, trustedServers, rpc } = region();
    const target: Region = {
      ...{ name, generation, maasUrl, trustedServers, rpc, clusters: [] },
      vip: pair.place.primary.host,
      nodes: (['primary', 'standby'] as const).map((side) => ({
        name: side,
        address: pair.place[side].host,
      })),
      postgres: { port: 5432, user, password: new Secret(pair.password), database: pair.database },
      ...changes,
    };
    return inRun((scope) =>
      runCheck(
        check,
        target,
        fakePorts({
          postgres: connections.port(scope),
          walsender: connections.walsenderPort(scope),
          canary: connections.canaryPort(scope),
        }),
        { clock: systemClock, signal: scope.signal },
      ),
    );
  };
  const until = (holds: (ran: Ran) => void) =>
    vi.waitFor(async () => {
      const ran = await look(divergence);
      holds(ran);
      return ran;
    }, PATIENTLY);
  const one = async (side: Side, sql: string): Promise<string> =>
    (await pair.sql(side, `SELECT (${sql})::text AS it`))[0]?.['it'] ?? '';
  const sessions = (side: Side) =>
    one(
      side,
      `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'maasha' AND usename = 'maasha'`,
    );

  beforeAll(async () => {
    connections = new PostgresConnections({ keep: true });
    pair = await startPair(freshPlaces());
    await pair.sql('primary', 'CREATE TABLE filler (n int)');
    await pair.caughtUp('standby');
  });
  afterAll(async () => {
    await connections.close();
    await pair.stop();
  });

  describe('postgres-divergence', () => {
    it('finds one history in peace, and keeps one connection a server', async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        const { values, gaps, skips, alerts } = await look(divergence);
        expect(Object.values(values)).toEqual([0, 0, 0, 0]);
        expect([gaps, skips, alerts]).toEqual([[], [], []]);
      }
      expect([await sessions('primary'), await sessions('standby')]).toEqual(['1', '1']);
    });

    it('tells a role without the attribute in peace already', async () => {
      const { skips } = await look(divergence, {}, 'plain');
      expect(skips[0]?.reason).toContain('ALTER ROLE plain REPLICATION');
    });
  });

  describe('postgres-vip', () => {
    it('leaves no connection at the virtual address', async () => {
      const { values } = await look(vip);
      expect(values).toMatchObject({
        'maasha_vip_sql_up{}': 1,
        'maasha_vip_sql_writable{}': 1,
        'maasha_vip_sql_backend{node="primary"}': 1,
      });
      await vi.waitFor(async () => {
        expect(await sessions('primary')).toBe('1');
      }, PATIENTLY);
    });

    it('sees a primary that begins every transaction read-only', async () => {
      await pair.sql('primary', `ALTER ROLE maasha SET default_transaction_read_only = on`);
      expect((await look(vip)).alerts).toEqual(['MaasHaVipSqlReadOnly']);
      await pair.sql('primary', `ALTER ROLE maasha RESET default_transaction_read_only`);
      expect((await look(vip)).alerts).toEqual([]);
    });

    it('sees that the virtual address leads to a standby', async () => {
      const { alerts, values } = await look(vip, { vip: pair.place.standby.host });
      expect(alerts).toEqual(['MaasHaVipSqlReadOnly']);
      expect(values['maasha_vip_sql_backend{node="standby"}']).toBe(1);
    });

    it('says which SQL makes the canary possible, and that SQL does', async () => {
      const canary = { table: 'maasha.canary' };
      const postgres = {
        ...{ port: 5432, user: pair.user, database: pair.database, canary },
        password: new Secret(pair.password),
      };
      const { skips, values } = await look(vip, { postgres });
      expect(values['maasha_vip_write_success{}']).toBeUndefined();
      const [, sql = ''] = /on the primary: (.*)$/.exec(skips[0]?.reason ?? '') ?? [];
      await pair.sql('primary', sql);
      expect((await look(vip, { postgres })).values['maasha_vip_write_success{}']).toBe(1);
      await pair.sql('primary', 'TRUNCATE maasha.canary');
      expect((await look(vip, { postgres })).skips[0]?.reason).toContain('no row for maas3');
    });
  });

  // Last, because from here on there are two histories.
  describe('two histories', () => {
    it('of one that was promoted behind its back, by the very bytes', async () => {
      await pair.promote('standby');
      await pair.sql('primary', 'INSERT INTO filler SELECT generate_series(1, 20000); CHECKPOINT');
      const fork = await one(
        'standby',
        `SELECT split_part(pg_read_file('pg_wal/00000002.history'), E'\\t', 2)`,
      );
      const here = await one('primary', 'pg_current_wal_flush_lsn()');
      const { values, alerts, evidence } = await until((ran) => {
        expect(ran.alerts).not.toEqual([]);
      });
      expect(alerts).toEqual(['MaasHaHistoryDiverged primary']);
      const bytes = values['maasha_postgres_divergent_wal_bytes{node="primary"}'] ?? 0;
      expect(bytes).toBeGreaterThanOrEqual(
        Number(await one('primary', `'${here}'::pg_lsn - '${fork}'::pg_lsn`)),
      );
      expect(evidence[0]?.says).toContain(`they share timeline 1 up to ${fork}`);
    });

    it('both promoted to the same number are told apart', async () => {
      // The old primary, made a standby of nobody, is promoted too: another timeline 2.
      pair.cut();
      await pair.crash('primary');
      await pair.demote('primary');
      await pair.start('primary');
      await pair.promote('primary');
      expect(await one('primary', `left(pg_walfile_name(pg_current_wal_lsn()), 8)`)).toBe(
        '00000002',
      );
      const { alerts } = await until((ran) => {
        expect(ran.alerts).toHaveLength(2);
      });
      expect(alerts).toEqual(['MaasHaHistoryDiverged primary', 'MaasHaHistoryDiverged standby']);
      pair.restore();
    });

    it('are one again after a rebuild', async () => {
      await pair.rebuild('primary');
      await until(({ values, gaps }) => {
        expect([Object.values(values), gaps]).toEqual([[0, 0, 0, 0], []]);
      });
    });
  });
});
