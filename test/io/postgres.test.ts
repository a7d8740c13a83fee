import { afterAll, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import type { PostgresServer } from '../../src/core/ports/postgres.ts';
import { Secret } from '../../src/core/secret.ts';
import { FakeClock } from '../support/clock.ts';
import { connections, failureOf, LONG, SHORT } from '../support/connections.ts';
import { freshPlaces, startPair, type Pair } from '../support/postgres.ts';

const PATIENTLY = { timeout: 10_000, interval: 20 };

describe('with a real server', () => {
  let pair: Pair;
  let server: PostgresServer;
  const sessions = async () => {
    const [row] = await pair.sql(
      'primary',
      `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'maasha'`,
    );
    return Number(row?.['count']);
  };
  const untilSessions = (count: number) =>
    vi.waitFor(async () => {
      expect(await sessions()).toBe(count);
    }, PATIENTLY);

  const untilActive = (query: string) =>
    vi.waitFor(async () => {
      const active = `SELECT FROM pg_stat_activity WHERE query = '${query}'`;
      expect(await pair.sql('primary', active)).toHaveLength(1);
    }, PATIENTLY);

  beforeAll(async () => {
    pair = await startPair(freshPlaces());
    const { user, password, database } = pair;
    server = { ...pair.place.primary, user, password: new Secret(password), database };
  });
  afterAll(() => pair.stop());

  it('opens a session that knows its version and gives values as text or null', async () => {
    const { run } = connections(false);
    const session = await run().port.open(server, LONG);
    expect(session.version).toBe(150_018);
    expect(session.connected).toBeGreaterThan(0);
    expect(await session.query(`SELECT 1 AS n, now() IS NULL AS b, NULL AS z`, LONG)).toEqual([
      { n: '1', b: 'f', z: null },
    ]);
  });

  it('leaves no connection behind a one-off run', async () => {
    const { run } = connections(false);
    const { port, leave } = run();
    await port.open(server, LONG);
    await untilSessions(1);
    leave();
    await untilSessions(0);
  });

  it('uses a kept connection again, and says nothing then of how long connecting took', async () => {
    const { run } = connections(true);
    const pids: unknown[] = [];
    for (const connected of [true, false, false]) {
      const { port, leave } = run();
      const session = await port.open(server, LONG);
      expect(session.connected !== undefined).toBe(connected);
      pids.push((await session.query('SELECT pg_backend_pid() AS pid', LONG))[0]?.['pid']);
      leave();
    }
    expect(new Set(pids).size).toBe(1);
    await untilSessions(1);
  });

  it('replaces the kept connection by a fresh one when asked', async () => {
    const { run } = connections(true);
    for (const fresh of [false, true]) {
      const { port, leave } = run();
      const session = await port.open(server, { ...LONG, fresh });
      expect(session.connected).toBeDefined();
      leave();
    }
    await untilSessions(1);
  });

  it('closes a kept connection that nobody has used for three minutes, and not one in use', async () => {
    const { run } = connections(true);
    const clock = new FakeClock();
    const first = run(clock);
    await first.port.open(server, LONG);
    first.leave();
    clock.advance(170);
    const second = run(clock);
    expect((await second.port.open(server, LONG)).connected).toBeUndefined();
    clock.advance(200);
    second.leave();
    await untilSessions(1);
    clock.advance(180);
    await untilSessions(0);
    expect(clock.pending).toBe(0);
  });

  it('keeps nothing that was asked for in passing, and leaves the kept one alone', async () => {
    const { run } = connections(true);
    const before = run();
    await before.port.open(server, LONG);
    before.leave();
    const { port, leave } = run();
    const session = await port.open(server, { ...LONG, passing: true });
    expect(session.connected).toBeDefined();
    await untilSessions(2);
    leave();
    await untilSessions(1);
    expect((await run().port.open(server, LONG)).connected).toBeUndefined();
  });

  it('gives a second run its own connection while the kept one is in use, and keeps one', async () => {
    const { run } = connections(true);
    const [first, second] = [run(), run()];
    await first.port.open(server, LONG);
    await second.port.open(server, LONG);
    await untilSessions(2);
    first.leave();
    second.leave();
    await untilSessions(1);
  });

  it('connects anew when the kept connection was ended by the server meanwhile', async () => {
    const { run } = connections(true);
    const first = run();
    await first.port.open(server, LONG);
    first.leave();
    await pair.sql(
      'primary',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'maasha'`,
    );
    const session = await run().port.open(server, LONG);
    expect(session.connected).toBeDefined();
  });

  it('answers questions that are asked at once one after the other', async () => {
    const { run } = connections(false);
    const session = await run().port.open(server, LONG);
    const asked = [1, 2, 3].map((n) => session.query(`SELECT ${n} AS n`, LONG));
    expect((await Promise.all(asked)).flat()).toEqual([{ n: '1' }, { n: '2' }, { n: '3' }]);
  });

  test.each([
    ['a wrong password', { password: new Secret('wrong') }, 'auth'],
    ['no password', { password: undefined }, 'auth'],
    ['an unknown user', { user: 'nobody' }, 'auth'],
    ['a database that does not exist', { database: 'nothing' }, 'config'],
  ])('refuses %s', async (_, change, code) => {
    const { password, ...rest } = { ...server, ...change };
    const { run } = connections(true);
    const failure = await failureOf(
      run().port.open({ ...rest, ...(password && { password }) }, LONG),
    );
    expect(failure.code).toBe(code);
    expect(JSON.stringify([failure.message, failure.facts])).not.toContain('wrong');
  });

  test.each([
    ['SELECT * FROM pg_ls_dir($$/$$)', 'no_privilege', '42501'],
    ['SELECT * FROM nothing', 'version', '42P01'],
    ['SELEC', 'protocol', '42601'],
    ['CREATE TABLE made (n int)', 'protocol', '25006'],
    ['SELECT pg_wal_replay_pause()', 'no_privilege', '42501'],
  ])('tells of %s that it failed as %s', async (sql, code, sqlstate) => {
    const { run } = connections(true);
    const session = await run().port.open({ ...server, user: 'plain' }, LONG);
    expect(await failureOf(session.query(sql, LONG))).toMatchObject({ code, facts: { sqlstate } });
    expect(await session.query('SELECT 1 AS n', LONG)).toEqual([{ n: '1' }]);
  });

  it('has the server end a query that takes too long', async () => {
    const { run } = connections(true);
    const { port, leave } = run();
    const session = await port.open(server, LONG);
    const failure = await failureOf(session.query('SELECT pg_sleep(60)', SHORT));
    expect(failure.code).toBe('timeout');
    leave();
    await untilSessions(0);
  });

  it('ends a query with the run, with the reason of its signal', async () => {
    const { run } = connections(true);
    const { port, controller } = run();
    const session = await port.open(server, LONG);
    const asked = failureOf(session.query('SELECT pg_sleep(1)', LONG));
    await untilActive('SELECT pg_sleep(1)');
    const reason = new CheckFailure('timeout', 'not finished in time');
    controller.abort(reason);
    expect(await asked).toBe(reason);
    await untilSessions(0);
  });

  it('refuses an answer that is larger than any honest one', async () => {
    const { run } = connections(false);
    const session = await run().port.open(server, LONG);
    const rows = failureOf(session.query('SELECT generate_series(1, 20000)', LONG));
    expect((await rows).code).toBe('protocol');
    const again = await run().port.open(server, LONG);
    const bytes = failureOf(again.query(`SELECT repeat('x', 9000000)`, LONG));
    expect((await bytes).code).toBe('protocol');
  });

  it('times out at a frozen server, kept connection or new, and recovers with it', async () => {
    const { run } = connections(true);
    const before = run();
    const held = await before.port.open(server, LONG);
    pair.freeze('primary');
    try {
      expect((await failureOf(held.query('SELECT 1', SHORT))).code).toBe('timeout');
      expect((await failureOf(held.query('SELECT 1', SHORT))).code).not.toBe('internal');
      before.leave();
      expect((await failureOf(run().port.open(server, SHORT))).code).toBe('timeout');
    } finally {
      pair.thaw('primary');
    }
    const { port, leave } = run();
    const session = await port.open(server, LONG);
    expect(await session.query('SELECT 1 AS n', LONG)).toEqual([{ n: '1' }]);
    leave();
    await untilSessions(1);
  });

  it('lets a kept connection prove its life before a frozen server is called silent', async () => {
    const { run } = connections(true);
    const before = run();
    await before.port.open(server, LONG);
    before.leave();
    pair.freeze('primary');
    try {
      expect((await failureOf(run().port.open(server, SHORT))).code).toBe('timeout');
    } finally {
      pair.thaw('primary');
    }
  });

  it('ends what it kept when it is closed', async () => {
    const { all, run } = connections(true);
    const { port, leave } = run();
    await port.open(server, LONG);
    leave();
    await all.close();
    await untilSessions(0);
  });

  it('is refused by a server that crashed, also in the middle of a query', async () => {
    const { run } = connections(true);
    const session = await run().port.open(server, LONG);
    const asked = failureOf(session.query('SELECT pg_sleep(60)', LONG));
    await untilActive('SELECT pg_sleep(60)');
    await pair.crash('primary');
    expect((await asked).code).toBe('refused');
    expect((await failureOf(run().port.open(server, LONG))).code).toBe('refused');
    await pair.start('primary');
  });
});
