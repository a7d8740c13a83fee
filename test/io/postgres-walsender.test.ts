import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import type { PostgresServer } from '../../src/core/ports/postgres.ts';
import { Secret } from '../../src/core/secret.ts';
import { parseLsn } from '../../src/protocol/lsn.ts';
import { connections, failureOf, LONG, SHORT } from '../support/connections.ts';
import { freshPlaces, startPair, type Pair, type Side } from '../support/postgres.ts';

const PATIENTLY = { timeout: 10_000, interval: 20 };

describe('with a real pair', { timeout: 60_000 }, () => {
  let pair: Pair;
  const at = (side: Side, changes: Partial<PostgresServer> = {}): PostgresServer => ({
    ...pair.place[side],
    user: pair.user,
    password: new Secret(pair.password),
    database: pair.database,
    ...changes,
  });
  const asked = (side: Side) => connections(false).run().walsender.open(at(side), LONG);
  const one = async (side: Side, sql: string): Promise<string> =>
    (await pair.sql(side, `SELECT (${sql})::text AS it`))[0]?.['it'] ?? '';

  beforeAll(async () => {
    pair = await startPair(freshPlaces());
    await pair.sql('primary', 'CREATE TABLE filler (n int)');
    await pair.caughtUp('standby');
  });
  afterAll(() => pair.stop());

  describe('the replication protocol', () => {
    test.each([false, true])(
      'names system, timeline and position; physical: %s',
      async (physical) => {
        const { walsender } = connections(false).run();
        const sender = await walsender.open(at('primary'), { ...LONG, physical });
        const seen = await sender.identify(LONG);
        expect(seen.system).toBe(
          await one('primary', 'SELECT system_identifier FROM pg_control_system()'),
        );
        expect(seen.timeline).toBe(1);
        expect(seen.position).toBeLessThanOrEqual(
          parseLsn(await one('primary', 'pg_current_wal_flush_lsn()')),
        );
      },
    );

    it('tells the position of a standby, too', async () => {
      const position = parseLsn(await one('primary', 'pg_current_wal_flush_lsn()'));
      expect(await (await asked('standby')).identify(LONG)).toMatchObject({
        timeline: 1,
        position,
      });
    });

    it('leaves no connection and no slot behind', async () => {
      const { walsender, leave } = connections(true).run();
      await (await walsender.open(at('primary'), LONG)).identify(LONG);
      leave();
      await vi.waitFor(async () => {
        const left = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'maasha'`;
        expect(await one('primary', left)).toBe('0');
      }, PATIENTLY);
      expect(await one('primary', 'SELECT count(*) FROM pg_replication_slots')).toBe('0');
    });

    it('is refused without the attribute REPLICATION', async () => {
      const { walsender } = connections(false).run();
      const failure = await failureOf(walsender.open(at('primary', { user: 'plain' }), LONG));
      expect(failure).toMatchObject({ code: 'no_privilege', facts: { sqlstate: '42501' } });
    });

    it('has no history of the first timeline, nor of one that never was', async () => {
      const sender = await asked('primary');
      expect((await failureOf(sender.timelineHistory(1, LONG))).code).toBe('protocol');
      expect((await failureOf(sender.timelineHistory(9, LONG))).code).toBe('protocol');
    });

    it('times out at a frozen server', async () => {
      const sender = await asked('primary');
      pair.freeze('primary');
      try {
        expect((await failureOf(sender.identify(SHORT))).code).toBe('timeout');
        const { walsender } = connections(false).run();
        expect((await failureOf(walsender.open(at('primary'), SHORT))).code).toBe('timeout');
      } finally {
        pair.thaw('primary');
      }
    });
  });

  describe('the canary', () => {
    const write = (changes: Partial<PostgresServer> = {}, table = 'canary', region = 'maas3') =>
      connections(false)
        .run()
        .canary.write(at('primary', changes), { ...LONG, table, region });
    const sqlstate = async (writing: Promise<unknown>) =>
      (await failureOf(writing)).facts['sqlstate'];

    beforeAll(async () => {
      await pair.sql(
        'primary',
        `CREATE TABLE canary (region text PRIMARY KEY, token text NOT NULL, written_at timestamptz NOT NULL);
         INSERT INTO canary VALUES ('maas3', '', now());
         INSERT INTO canary VALUES ('o''hare', '', now());
         GRANT SELECT, UPDATE ON canary TO maasha`,
      );
      await pair.caughtUp('standby');
    });

    it.each(['maas3', "o'hare"])(
      'writes the row of its region and reads it back: %s',
      async (region) => {
        const { took, kept } = await write({}, 'public.canary', region);
        expect(kept).toBe(true);
        expect(took).toBeGreaterThan(0);
        const rows = await pair.sql(
          'primary',
          `SELECT region FROM canary WHERE token LIKE 'maasha-%'`,
        );
        expect(rows.map((row) => row['region'])).toContain(region);
      },
    );

    it('says what is missing', async () => {
      expect(await sqlstate(write({ user: 'plain' }))).toBe('42501');
      expect(await sqlstate(write({}, 'nothing'))).toBe('42P01');
      expect((await failureOf(write({}, 'canary', 'other'))).facts).toEqual({ missing: 'row' });
    });

    it('is refused by a standby', async () => {
      const failure = await failureOf(write(pair.place.standby));
      expect(failure.facts['sqlstate']).toBe('25006');
    });

    it.each(['canary; DROP TABLE canary', 'canary -- ', '"canary"', 'a.b.c', ''])(
      'writes to nothing that is no name of a table: %s',
      async (table) => {
        expect((await failureOf(write({}, table))).code).toBe('config');
      },
    );

    it('gives up in time where somebody holds the row', async () => {
      const holding = pair.sql(
        'primary',
        `BEGIN; UPDATE canary SET token = 'held'; SELECT pg_sleep(3); COMMIT`,
      );
      await vi.waitFor(async () => {
        const held = `SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'BEGIN; UPDATE canary%' AND wait_event = 'PgSleep'`;
        expect(await one('primary', held)).toBe('1');
      }, PATIENTLY);
      const { canary } = connections(false).run();
      const writing = canary.write(at('primary'), { ...SHORT, table: 'canary', region: 'maas3' });
      expect((await failureOf(writing)).code).toBe('timeout');
      await holding;
    });
  });

  // Last, because it makes two histories of one.
  it('tells where a promoted standby left the history of its primary', async () => {
    const before = parseLsn(await one('standby', 'pg_last_wal_replay_lsn()'));
    await pair.promote('standby');
    await pair.sql('primary', 'INSERT INTO filler SELECT generate_series(1, 50000)');
    const promoted = await asked('standby');
    expect(await promoted.identify(LONG)).toMatchObject({ timeline: 2 });
    const [end, ...more] = await promoted.timelineHistory(2, LONG);
    expect(more).toEqual([]);
    expect(end?.timeline).toBe(1);
    expect(end?.end).toBeGreaterThanOrEqual(before);
    const old = await (await asked('primary')).identify(LONG);
    expect(old.timeline).toBe(1);
    expect(Number(old.position - (end?.end ?? 0n))).toBeGreaterThan(1_000_000);
  });
});
