import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import check from '../../checks/postgres-replication.ts';
import type { CheckContext } from '../../src/core/check.ts';
import { Secret } from '../../src/core/secret.ts';
import { systemClock } from '../../src/io/clock.ts';
import { PostgresConnections } from '../../src/io/postgres.ts';
import { Scope } from '../../src/io/scope.ts';
import { fakePorts } from '../support/ports.ts';
import { freshPlaces, startPair, type Pair } from '../support/postgres.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const LAG = 'maasha_postgres_replication_lag_seconds{standby="standby"}';
const BYTES = 'maasha_postgres_replication_lag_bytes{standby="standby",stage="replay"}';
const CONNECTED = 'maasha_postgres_replication_connected{standby="standby"}';
const SILENT = 'maasha_postgres_wal_receiver_silent_seconds{node="standby"}';
const PAUSED = 'maasha_postgres_replay_paused{node="standby"}';
const PRIMARIES = 'maasha_postgres_primaries{}';

/** What is in common use elsewhere, asked on the standby and the primary. */
const NAIVE_STANDBY = `
  SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp()) AS age,
         CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
              ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END AS level`;
const NAIVE_PRIMARY = `
  SELECT state, sent_lsn - replay_lsn AS unreplayed, coalesce(replay_lag::text, 'NULL') AS reported
  FROM pg_stat_replication`;

const PATIENTLY = { timeout: 10_000, interval: 20 };

describe('postgres-replication on a real pair', { timeout: 30_000 }, () => {
  let pair: Pair;
  let connections: PostgresConnections;
  let memory: unknown;
  const table: Record<string, unknown>[] = [];

  const look = async (changes: Partial<CheckContext> = {}, user: string = pair.user) => {
    const controller = new AbortController();
    const scope = new Scope(systemClock, controller.signal);
    const target = region({
      nodes: [
        { name: 'primary', address: pair.place.primary.host },
        { name: 'standby', address: pair.place.standby.host },
      ],
      postgres: { port: 5432, user, password: new Secret(pair.password), database: pair.database },
    });
    // Who is declared is another test's matter: the primary moves in this one.
    Reflect.deleteProperty(target, 'declaredPrimary');
    try {
      const ran = await runCheck(check, target, fakePorts({ postgres: connections.port(scope) }), {
        clock: systemClock,
        signal: controller.signal,
        memory,
        ...changes,
      });
      // As the service does: written down and read again.
      memory = JSON.parse(JSON.stringify(ran.memory));
      return ran;
    } finally {
      scope.leave();
    }
  };
  const until = (holds: (ran: Ran) => void) =>
    vi.waitFor(
      async () => {
        const ran = await look();
        holds(ran);
        return ran;
      },
      { timeout: 20_000, interval: 50 },
    );
  const write = (rows = 5000) =>
    pair.sql('primary', `INSERT INTO filler SELECT generate_series(1, ${rows})`);
  const naive = async () => ({
    ...(await pair.sql('standby', NAIVE_STANDBY))[0],
    ...(await pair.sql('primary', NAIVE_PRIMARY))[0],
  });
  const note = (state: string, ran: Ran, signals: Record<string, unknown>) =>
    table.push({
      state,
      'now - last xact': signals['age'],
      'receive = replay': signals['level'],
      'sent - replay': signals['unreplayed'],
      'state of the sender': signals['state'] ?? 'no row',
      replay_lag: signals['reported'],
      'OURS s': ran.values[LAG] ?? 'unknown',
      'OURS bytes': ran.values[BYTES] ?? 'unknown',
      'OURS connected': ran.values[CONNECTED] ?? 'unknown',
    });
  /** All is well, and every signal of the past has gone. */
  const well = async () => {
    await pair.caughtUp('standby');
    await vi.waitFor(
      async () => {
        expect((await naive())['unreplayed']).toBe('0');
      },
      {
        timeout: 10_000,
        interval: 20,
      },
    );
    return until((ran) => {
      expect(ran.values).toMatchObject({ [LAG]: 0, [BYTES]: 0, [CONNECTED]: 1 });
    });
  };

  beforeAll(async () => {
    connections = new PostgresConnections({ keep: true });
    pair = await startPair(freshPlaces());
    await pair.sql('primary', 'CREATE TABLE filler (n int)');
  });
  afterAll(async () => {
    await connections.close();
    await pair.stop();
    console.table(table);
  });

  it('idle: level, while the age of the last transaction grows', async () => {
    const [first, before] = [await well(), await naive()];
    await vi.waitFor(async () => {
      expect(Number((await naive())['age'])).toBeGreaterThan(Number(before['age']) + 0.5);
    }, PATIENTLY);
    const ran = await look();
    expect(ran.values).toMatchObject({ [LAG]: 0, [BYTES]: 0, [CONNECTED]: 1, [PRIMARIES]: 1 });
    expect([first.alerts, ran.alerts, ran.gaps]).toEqual([[], [], []]);
    note('idle', ran, await naive());
  });

  it('writing, cut: lag grows, while receive = replay stays 0', async () => {
    await well();
    pair.cut();
    await write();
    const first = await until(({ values }) => {
      expect(values[LAG]).toBeGreaterThan(0);
      expect(values[CONNECTED]).toBe(0);
    });
    const later = await until(({ values }) => {
      expect(values[LAG]).toBeGreaterThan((first.values[LAG] ?? 0) + 0.3);
    });
    expect(later.values[BYTES]).toBeGreaterThan(100_000);
    expect(later.alerts).toEqual(['MaasHaStandbyMissing standby']);
    const signals = await naive();
    expect(signals['level']).toBe('0');
    note('writing, cut', later, signals);
    pair.restore();
    await well();
  });

  it('replay paused: lag grows and the cause is named', async () => {
    await well();
    await pair.sql('standby', 'SELECT pg_wal_replay_pause()');
    await write();
    const ran = await until(({ values }) => {
      expect(values[LAG]).toBeGreaterThan(0.2);
      expect(values[PAUSED]).toBe(1);
    });
    expect(ran.values[CONNECTED]).toBe(1);
    expect(ran.alerts).toEqual(['MaasHaReplayPaused standby']);
    note('paused', ran, await naive());
  });

  it('a one-off run looks twice at a late standby and says what it cannot know', async () => {
    const ran = await look({ memory: undefined, once: true });
    expect(ran.values[BYTES]).toBeGreaterThan(0);
    expect(ran.values).not.toHaveProperty([LAG]);
    expect(ran.evidence.map(({ says }) => says).join(' ')).toContain('one run cannot tell');
    await pair.sql('standby', 'SELECT pg_wal_replay_resume()');
    await well();
  });

  it('sender frozen: four signals are blind, ours are not', async () => {
    await well();
    const thaw = await pair.freezeSender();
    try {
      await write();
      const ran = await until(({ values }) => {
        expect(values[LAG]).toBeGreaterThan(0.5);
        expect(values[SILENT]).toBeGreaterThan(0.5);
      });
      const signals = await naive();
      expect(signals).toMatchObject({ level: '0', unreplayed: '0', state: 'streaming' });
      expect(ran.values[BYTES]).toBeGreaterThan(100_000);
      expect(ran.values[CONNECTED]).toBe(1);
      note('sender frozen', ran, signals);
    } finally {
      thaw();
    }
    await well();
  });

  it('a link that falls silent: the same', async () => {
    await well();
    pair.silence();
    await write();
    const ran = await until(({ values }) => {
      expect(values[LAG]).toBeGreaterThan(0.3);
    });
    expect(ran.values[CONNECTED]).toBe(1);
    note('link silent', ran, await naive());
    pair.restore();
    await well();
  });

  it('primary unreachable: unknown, and not 0', async () => {
    await well();
    pair.freeze('primary');
    try {
      const ran = await look();
      expect(ran.values).toMatchObject({
        'maasha_postgres_up{node="primary"}': 0,
        'maasha_postgres_up{node="standby"}': 1,
        [PRIMARIES]: 0,
      });
      expect(ran.values).not.toHaveProperty([LAG]);
      expect(ran.values).not.toHaveProperty([BYTES]);
      expect(ran.values).not.toHaveProperty([CONNECTED]);
      expect(ran.alerts).toEqual(['MaasHaPostgresDown primary', 'MaasHaNoPrimary']);
      const [signals] = await pair.sql('standby', NAIVE_STANDBY);
      note('primary unreachable', ran, { ...signals });
    } finally {
      pair.thaw('primary');
    }
    await well();
  });

  it('without pg_monitor: a gap, and not "no standby"', async () => {
    const ran = await look({ memory: undefined }, 'plain');
    expect(ran.values).not.toHaveProperty([CONNECTED]);
    expect(ran.values).toMatchObject({ [LAG]: 0, [BYTES]: 0, [PRIMARIES]: 1 });
    expect(ran.gaps.map(({ subject, failure }) => [subject, failure.code])).toEqual([
      ['standby', 'no_privilege'],
      ['primary', 'no_privilege'],
    ]);
    expect(ran.alerts).toEqual([]);
  });

  it('split brain: two primaries and two timelines, and no lag of anything', async () => {
    await pair.crash('primary');
    await pair.promote('standby');
    await pair.start('primary');
    const ran = await until(({ values }) => {
      expect(values[PRIMARIES]).toBe(2);
    });
    expect(ran.alerts).toEqual(['MaasHaTwoPrimaries', 'MaasHaTimelinesDiffer']);
    expect(Object.keys(ran.values).filter((name) => name.includes('lag'))).toEqual([]);
    expect(ran.values).toMatchObject({
      'maasha_postgres_timeline{node="primary"}': 1,
      'maasha_postgres_timeline{node="standby"}': 2,
      'maasha_postgres_system_identifier_mismatch{}': 0,
    });
  });

  it('rebuilt the other way round: all well, on the new timeline', async () => {
    await pair.rebuild('primary');
    const ran = await until(({ values }) => {
      expect(values).toMatchObject({
        'maasha_postgres_replication_connected{standby="primary"}': 1,
        'maasha_postgres_replication_lag_seconds{standby="primary"}': 0,
        'maasha_postgres_timelines_agree{}': 1,
      });
    });
    expect([ran.alerts, ran.gaps]).toEqual([[], []]);
  });
});
