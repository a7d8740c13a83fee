import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import check from '../../checks/postgres-capacity.ts';
import replication from '../../checks/postgres-replication.ts';
import type { Check, CheckContext } from '../../src/core/check.ts';
import { Secret } from '../../src/core/secret.ts';
import { systemClock } from '../../src/io/clock.ts';
import { PostgresConnections } from '../../src/io/postgres.ts';
import { Scope } from '../../src/io/scope.ts';
import { fakePorts } from '../support/ports.ts';
import { freshPlaces, startPair, type Pair } from '../support/postgres.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const HEADROOM = 'maasha_postgres_wal_retention_headroom_bytes{standby="standby"}';
const GAP = 'maasha_postgres_wal_gap{standby="standby"}';
const RETAINED = 'maasha_postgres_replication_slot_retained_bytes{node="primary",slot="';
const SEGMENT = 16 * 1024 ** 2;

const says = ({ evidence }: Ran): string =>
  evidence.map((each) => `${each.subject}: ${each.says}`).join('\n');

describe('postgres-capacity on a real pair', { timeout: 60_000 }, () => {
  let pair: Pair;
  let connections: PostgresConnections;
  let memory: unknown;

  const ask = async (
    what: Check,
    changes: Partial<CheckContext> = {},
    user: string = pair.user,
    standby = pair.place.standby.host,
  ) => {
    const controller = new AbortController();
    const scope = new Scope(systemClock, controller.signal);
    const target = region({
      nodes: [
        { name: 'primary', address: pair.place.primary.host },
        { name: 'standby', address: standby },
      ],
      declaredPrimary: 'primary',
      postgres: { port: 5432, user, password: new Secret(pair.password), database: pair.database },
    });
    try {
      return await runCheck(what, target, fakePorts({ postgres: connections.port(scope) }), {
        clock: systemClock,
        signal: controller.signal,
        ...changes,
      });
    } finally {
      scope.leave();
    }
  };
  const look = async (user?: string): Promise<Ran> => {
    const ran = await ask(check, { memory }, user);
    // As the service does: written down and read again.
    memory = JSON.parse(JSON.stringify(ran.memory));
    return ran;
  };
  const until = (holds: (ran: Ran) => void): Promise<Ran> =>
    vi.waitFor(
      async () => {
        const ran = await look();
        holds(ran);
        return ran;
      },
      { timeout: 30_000, interval: 50 },
    );
  const set = (name: string, to: string) =>
    pair
      .sql('primary', `ALTER SYSTEM SET ${name} = '${to}'`)
      .then(() => pair.sql('primary', 'SELECT pg_reload_conf()'));
  /** Ends WAL segments as if they were full. */
  const fill = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 1)
      await pair.sql(
        'primary',
        `SELECT pg_logical_emit_message(false, 'x', 'x'); SELECT pg_switch_wal()`,
      );
  };
  const well = () =>
    until(({ values, alerts }) => {
      expect(values[GAP]).toBe(0);
      expect(values[HEADROOM]).toBeGreaterThan(0);
      expect(alerts).toEqual([]);
    });

  beforeAll(async () => {
    connections = new PostgresConnections({ keep: true });
    pair = await startPair({ ...freshPlaces(), settings: { checkpoint_timeout: "'1h'" } });
  });
  afterAll(async () => {
    await connections.close();
    await pair.stop();
  });

  it('healthy: the promise of wal_keep_size and the rest of the segment', async () => {
    const ran = await well();
    const [row] = await pair.sql('primary', "SELECT pg_current_wal_flush_lsn() - '0/0' AS at");
    const inSegment = Number(row?.['at']) % SEGMENT;
    expect(ran.values[HEADROOM]).toBe(17 * SEGMENT - inSegment);
    expect(ran.values['maasha_postgres_connections_allowed{node="primary"}']).toBe(37);
    expect(ran.gaps).toEqual([]);
  });

  it('says by a slot what PostgreSQL itself calls safe', async () => {
    await pair.sql('primary', `SELECT pg_create_physical_replication_slot('feeds', true)`);
    await pair.sql('standby', `ALTER SYSTEM SET primary_slot_name = 'feeds'`);
    await pair.sql('standby', 'SELECT pg_reload_conf()');
    await until(({ values, evidence }) => {
      expect(values).not.toHaveProperty([HEADROOM]);
      expect(evidence.map((each) => each.says).join()).toContain('its slot feeds keeps all');
    });
    await set('max_slot_wal_keep_size', '512MB');
    await vi.waitFor(async () => {
      const [row] = await pair.sql('primary', 'SELECT safe_wal_size FROM pg_replication_slots');
      const { values } = await look();
      expect(String(values[HEADROOM])).toBe(row?.['safe_wal_size']);
    }, 20_000);
  });

  it('counts what a slot keeps that nobody uses, and shows that it is over once it is dropped', async () => {
    await pair.sql('primary', `SELECT pg_create_physical_replication_slot('left', true)`);
    await fill(3);
    const ran = await look();
    expect(ran.values[`${RETAINED}left"}`]).toBeGreaterThan(2 * SEGMENT);
    expect(says(ran)).toContain('slot "left" is used by nobody');
    await pair.sql('primary', `SELECT pg_drop_replication_slot('left')`);
    const after = await look();
    expect(after.values).not.toHaveProperty([`${RETAINED}left"}`]);
    expect(after.inapplicable).toContain(
      'maasha_postgres_replication_slot_retained_bytes{node="primary"}',
    );
  });

  it('tells of a slot that was lost while its standby was down', async () => {
    await pair.crash('standby');
    await set('max_slot_wal_keep_size', '16MB');
    await set('wal_keep_size', '32MB');
    await fill(6);
    await pair.sql('primary', 'CHECKPOINT');
    await pair.sql('primary', 'CHECKPOINT');
    const ran = await until(({ values }) => {
      expect(values[GAP]).toBe(1);
    });
    expect(ran.alerts).toEqual(
      expect.arrayContaining(['MaasHaWalGap standby', 'MaasHaSlotLost primary feeds lost']),
    );
    await pair.sql('primary', `SELECT pg_drop_replication_slot('feeds')`);
    await set('wal_keep_size', '256MB');
    await pair.rebuild('standby');
    await well();
  });

  it('counts down while the standby is down, and proves the gap when it is there', async () => {
    await well();
    await set('wal_keep_size', '64MB');
    await until(({ values }) => {
      expect(values[HEADROOM]).toBeLessThan(6 * SEGMENT);
    });
    await pair.crash('standby');
    const left: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      const ran = await until(({ values }) => {
        expect(values[HEADROOM]).toBeDefined();
      });
      expect(ran.values[GAP]).toBe(0);
      expect(says(ran)).toContain('as it was when it was last seen');
      left.push(Math.round((ran.values[HEADROOM] ?? 0) / SEGMENT));
      await fill(1);
    }
    expect(left).toEqual([left[0], ...[1, 2, 3].map((less) => (left[0] ?? 0) - less)]);
    await fill(4);
    const beyond = await look();
    expect(beyond.values[HEADROOM]).toBeLessThan(0);
    // Nothing was removed yet, and that is seen.
    expect(beyond.values[GAP]).toBe(0);
    expect(says(beyond)).toContain('what it needs is still there');
    await pair.sql('primary', 'CHECKPOINT');
    await pair.sql('primary', 'CHECKPOINT');
    const gone = await look();
    expect(gone.alerts).toContain('MaasHaWalGap standby');
    expect(says(gone)).toContain('only a rebuild helps');
    // And so it is: it starts, and never streams again.
    await pair.start('standby');
    const proof = await until(({ values, evidence }) => {
      expect(values[GAP]).toBe(1);
      expect(evidence.map((each) => each.says).join()).toContain('by its own word');
    });
    expect(proof.values[HEADROOM]).toBeLessThan(0);
  });

  it('without pg_monitor: the gap is not claimed, and what cannot be seen is told', async () => {
    const ran = await ask(check, { memory }, 'plain');
    expect(ran.gaps.map(({ failure: { code } }) => code)).toContain('no_privilege');
    expect(says(ran)).toMatch(/may be (gone|connected)/);
  });

  it('rebuilt: all well again', async () => {
    await set('wal_keep_size', '256MB');
    await pair.rebuild('standby');
    const ran = await well();
    expect(ran.gaps).toEqual([]);
  });

  it('sees the limit of a role before that of the server', async () => {
    await pair.sql('primary', 'ALTER ROLE plain CONNECTION LIMIT 1');
    const scope = new Scope(systemClock, new AbortController().signal);
    try {
      await connections.port(scope).open(
        {
          ...{ host: pair.place.primary.host, port: 5432, user: 'plain', database: pair.database },
          password: new Secret(pair.password),
        },
        { timeout: 5 as never },
      );
      const ran = await look();
      expect(ran.alerts).toEqual([
        'MaasHaConnectionsNearLimit primary',
        'MaasHaConnectionsExhausted primary',
      ]);
      expect(says(ran)).toContain('the role plain has 1 of 1 connections in use');
    } finally {
      scope.leave();
    }
    await pair.sql('primary', 'ALTER ROLE plain CONNECTION LIMIT -1');
  });

  it('a standby of another cluster: said by name, and no number of it is taken', async () => {
    const other = await startPair({ ...freshPlaces(), password: pair.password });
    try {
      const found = await ask(replication, {}, pair.user, other.place.standby.host);
      expect(found.alerts).toContain('MaasHaSystemIdentifierDiffers');
      const ran = await ask(check, {}, pair.user, other.place.standby.host);
      expect(Object.keys(ran.values).join()).not.toContain('wal_');
      expect(ran.gaps.map(({ failure: { message } }) => message).join()).toContain(
        'it is a copy of another database',
      );
    } finally {
      await other.stop();
    }
  });
});
