import { describe, expect, it, test } from 'vitest';
import check from '../../checks/postgres-replication.ts';
import type { CheckContext } from '../../src/core/check.ts';
import type { PostgresPort } from '../../src/core/ports/postgres.ts';
import { replicationSql } from '../../src/analysis/replication/sql.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import {
  cluster,
  failure,
  NO_RECEIVER,
  primary,
  sender,
  standby,
  VERSION,
  type Server,
} from '../support/postgres-answers.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';

const look = (rc1: Server, rc2: Server, context: Partial<CheckContext> = {}) =>
  runCheck(check, region(), fakePorts({ postgres: cluster(rc1, rc2).port }), context);

const value = (name: string): string => `maasha_postgres_${name}`;

describe('a healthy pair', () => {
  it('is seen whole, and alarms nobody', async () => {
    const { values, alerts, gaps, evidence } = await look(primary(), standby());
    expect(values).toEqual({
      [value('primaries{}')]: 1,
      [value('timelines_agree{}')]: 1,
      [value('system_identifier_mismatch{}')]: 0,
      [value('standby_exists{}')]: 1,
      [value('up{node="rc1"}')]: 1,
      [value('up{node="rc2"}')]: 1,
      [value('role{node="rc1",state="primary"}')]: 1,
      [value('role{node="rc1",state="standby"}')]: 0,
      [value('role{node="rc2",state="primary"}')]: 0,
      [value('role{node="rc2",state="standby"}')]: 1,
      [value('timeline{node="rc1"}')]: 1,
      [value('timeline{node="rc2"}')]: 1,
      [value('replay_paused{node="rc2"}')]: 0,
      [value('replay_delayed{node="rc2"}')]: 0,
      [value('wal_receiver_silent_seconds{node="rc2"}')]: 3.25,
      [value('replication_connected{standby="rc2"}')]: 1,
      [value('replication_lag_bytes{standby="rc2",stage="sent"}')]: 0,
      [value('replication_lag_bytes{standby="rc2",stage="flush"}')]: 0,
      [value('replication_lag_bytes{standby="rc2",stage="replay"}')]: 0,
      [value('replication_lag_seconds{standby="rc2"}')]: 0,
      [value('connect_seconds{node="rc1"}')]: 0.007,
      [value('connect_seconds{node="rc2"}')]: 0.007,
    });
    expect([alerts, gaps]).toEqual([[], []]);
    expect(evidence.map(({ subject, says }) => `${subject} ${says}`)).toEqual([
      'rc1 is primary, on timeline 1',
      'rc2 is a standby, on timeline 1; its receiver is streaming and heard from its sender 3.3s ago',
      'rc2 has replayed all that the primary has written',
    ]);
  });

  it('is known by its names where both nodes share an address', async () => {
    const target = region({
      nodes: [
        { name: 'rc1', address: '172.31.16.32' },
        { name: 'rc2', address: '172.31.16.33' },
        { name: 'rc3', address: '172.31.16.33', postgresPort: 5433 },
      ],
    });
    const senders = [sender({ application_name: 'rc3' })];
    const { port } = cluster(primary({}, senders), standby());
    const { values } = await runCheck(check, target, fakePorts({ postgres: port }));
    expect(values[value('replication_connected{standby="rc2"}')]).toBe(0);
    expect(values[value('replication_connected{standby="rc3"}')]).toBe(1);
  });
});

describe('who is up', () => {
  test.each([
    ['timeout', '', 0, 0],
    ['refused', '', 0, 0],
    ['unreachable', '', 0, 0],
    ['dependency', '57P03', 0, 0],
    ['dependency', '53300', 0, undefined],
    ['dependency', '55000', undefined, undefined],
    ['auth', '28P01', undefined, undefined],
    ['protocol', '', undefined, undefined],
    ['config', '3D000', undefined, undefined],
  ] as const)(
    'a primary that fails with %s %s is up %s, primaries %s',
    async (code, state, up, count) => {
      const ran = await look({ refuses: failure(code, state) }, standby());
      expect(ran.values[value('up{node="rc1"}')]).toBe(up);
      expect(ran.values[value('primaries{}')]).toBe(count);
      expect(ran.gaps).toHaveLength(count === undefined ? 1 : 0);
      expect(ran.values).not.toHaveProperty([value('replication_connected{standby="rc2"}')]);
    },
  );

  it('two primaries are two, and nobody is then an expected standby', async () => {
    const other = primary({ wal_file: '000000020000000000000003' }, []);
    const { values, alerts, evidence } = await look(primary({}, []), other);
    expect(alerts).toEqual(['MaasHaTwoPrimaries', 'MaasHaTimelinesDiffer']);
    expect(Object.keys(values).join()).not.toMatch(/lag|connected|standby_exists/);
    expect(evidence[0]?.says).toBe('rc1 and rc2 all take writes');
  });

  it('a dead region has no primary and no standby either', async () => {
    const dead = { refuses: failure('refused') };
    const { alerts, gaps } = await look(dead, dead);
    expect(alerts).toEqual(['MaasHaPostgresDown rc1', 'MaasHaPostgresDown rc2', 'MaasHaNoPrimary']);
    expect(gaps).toEqual([]);
  });

  it('copies of different databases are told', async () => {
    const { alerts } = await look(primary(), standby({}, { system_identifier: '1' }));
    expect(alerts).toEqual(['MaasHaSystemIdentifierDiffers']);
  });

  it('nothing is looked at when the configuration names no database', async () => {
    const { postgres, ...bare } = region();
    expect(postgres).toBeDefined();
    const { skips, notes } = await runCheck(check, bare, fakePorts());
    expect([skips.length, notes.length]).toEqual([1, 1]);
  });
});

describe('the standby', () => {
  it('is missing when the primary does not list it', async () => {
    const { values, alerts } = await look(primary({}, []), standby(NO_RECEIVER));
    expect(values[value('standby_exists{}')]).toBe(0);
    expect(values).not.toHaveProperty([value('wal_receiver_silent_seconds{node="rc2"}')]);
    expect(alerts).toEqual(['MaasHaStandbyMissing rc2']);
  });

  test.each([
    ['a base backup', { application_name: 'pg_basebackup' }],
    ['a sender that only starts', { state: 'startup', sent_lsn: '0/0', replay_lsn: '0/0' }],
    ['the standby of somebody else', { address: '10.0.0.1' }],
  ])('is not mistaken for %s', async (_, changes) => {
    const { values } = await look(primary({}, [sender(changes)]), standby(NO_RECEIVER));
    expect(values[value('replication_connected{standby="rc2"}')]).toBe(0);
    expect(values).not.toHaveProperty([value('replication_lag_bytes{standby="rc2",stage="sent"}')]);
  });

  it('is neither missing nor present when the account may not see', async () => {
    const row = sender({
      address: null,
      state: null,
      sent_lsn: null,
      flush_lsn: null,
      replay_lsn: null,
    });
    const hidden = { ...NO_RECEIVER, receiver_pid: '700' };
    const { values, gaps, alerts } = await look(primary({}, [row]), standby(hidden));
    expect(values).not.toHaveProperty([value('replication_connected{standby="rc2"}')]);
    expect(gaps.map(({ failure: { code } }) => code)).toEqual(['no_privilege', 'no_privilege']);
    expect(alerts).toEqual([]);
  });

  it('is judged by what it last told the primary while it is frozen', async () => {
    const row = sender({ flush_lsn: '0/3500000', replay_lsn: '0/3000000' });
    const { values, alerts } = await look(primary({}, [row]), { refuses: failure('timeout') });
    expect(values[value('replication_lag_bytes{standby="rc2",stage="flush"}')]).toBe(0x9e0);
    expect(values[value('replication_lag_bytes{standby="rc2",stage="replay"}')]).toBe(0x5009e0);
    expect(alerts).toEqual(['MaasHaPostgresDown rc2']);
  });

  it('of another timeline has no lag in bytes or seconds', async () => {
    const other = { receive_lsn: '0/3000000', replay_lsn: '0/3000000', received_timeline: '2' };
    const { values, alerts } = await look(primary(), standby(other));
    expect(values).not.toHaveProperty([value('replication_lag_seconds{standby="rc2"}')]);
    expect(values).not.toHaveProperty([
      value('replication_lag_bytes{standby="rc2",stage="replay"}'),
    ]);
    expect(alerts).toEqual(['MaasHaTimelinesDiffer']);
  });

  it('that answers the first question only is up, with a gap', async () => {
    const half: Server = { snapshot: standby().snapshot ?? {} };
    const { values, gaps } = await look(primary(), half);
    expect(values[value('up{node="rc2"}')]).toBe(1);
    expect(values[value('replication_lag_bytes{standby="rc2",stage="replay"}')]).toBe(0);
    expect(gaps.map(({ subject, failure: { code } }) => [subject, code])).toEqual([
      ['rc2', 'timeout'],
    ]);
  });

  test.each([
    ['silent for a minute', { silent_seconds: '61.2' }, 'MaasHaReceiverSilent rc2'],
    ['paused', { replay_paused: 'true' }, 'MaasHaReplayPaused rc2'],
  ])('%s alarms', async (_, changes, alert) => {
    expect((await look(primary(), standby(changes))).alerts).toEqual([alert]);
  });

  test.each([
    ['a NULL that cannot be', { replay_paused: null }],
    ['a text that is no position', { replay_lsn: '0/zz' }],
  ])('that answers with %s leaves a gap', async (_, changes) => {
    const { gaps } = await look(primary(), standby(changes));
    expect(gaps.map(({ failure: { code } }) => code)).toEqual(['protocol']);
  });
});

describe('from run to run', () => {
  const late = standby({ replay_lsn: '0/3000000' });

  it('lag grows with the time that passes while nothing is replayed', async () => {
    const clock = new FakeClock();
    let memory: unknown;
    const lags: (number | undefined)[] = [];
    for (const flush_lsn of ['0/35009E0', '0/4000000', '0/4000000', '0/4000000']) {
      const ran = await look(primary({ flush_lsn }), standby(), { clock, memory });
      memory = JSON.parse(JSON.stringify(ran.memory));
      lags.push(ran.values[value('replication_lag_seconds{standby="rc2"}')]);
      clock.advance(10);
    }
    expect(lags).toEqual([0, 0, 10, 20]);
  });

  it('asks for a new connection at first and every five minutes, and shows the newest time', async () => {
    const clock = new FakeClock();
    const { port, opened } = cluster(primary(), standby());
    let memory: unknown;
    for (const wait of [10, 280, 10, 10]) {
      const ran = await runCheck(check, region(), fakePorts({ postgres: port }), { clock, memory });
      expect(ran.values[value('connect_seconds{node="rc2"}')]).toBe(0.007);
      memory = ran.memory;
      clock.advance(wait);
    }
    expect(opened.filter((each) => each.startsWith('172.31.16.33'))).toEqual([
      '172.31.16.33 fresh',
      '172.31.16.33',
      '172.31.16.33',
      '172.31.16.33 fresh',
    ]);
  });

  it('goes on with the old connection when a new one is denied, and says so', async () => {
    const clock = new FakeClock();
    const { memory } = await look(primary(), standby(), { clock });
    clock.advance(300);
    const refusesNew = failure('dependency', '53300');
    const ran = await look({ ...primary(), refusesNew }, standby(), { clock, memory });
    expect(ran.values[value('primaries{}')]).toBe(1);
    expect(ran.gaps).toEqual([{ kind: 'gap', subject: 'rc1', failure: refusesNew }]);
  });

  it('calls a server down that lets nobody new in, for as long as it does so', async () => {
    const clock = new FakeClock();
    let { memory } = await look(primary(), standby(), { clock });
    clock.advance(300);
    for (let run = 0; run < 2; run += 1) {
      const refusesNew = failure('timeout');
      const ran = await look({ ...primary(), refusesNew }, standby(), { clock, memory });
      expect(ran.alerts).toContain('MaasHaPostgresDown rc1');
      ({ memory } = ran);
      clock.advance(10);
    }
  });

  it('looks again after a second in a one-off run, and then knows of a standby that caught up', async () => {
    const clock = new FakeClock();
    const answers = [late, standby({ replay_lsn: '0/35009E0' })];
    const { port } = cluster(primary(), late);
    const moving: PostgresPort = {
      open: async (server, options) => {
        const session = await port.open(server, options);
        if (server.host !== '172.31.16.33') return session;
        return {
          ...session,
          query: async (text, limit) =>
            text === replicationSql(VERSION).standby
              ? [answers.shift()?.standby ?? {}]
              : session.query(text, limit),
        };
      },
    };
    const run = runCheck(check, region(), fakePorts({ postgres: moving }), { clock, once: true });
    while (clock.pending === 0) await Promise.resolve();
    clock.advance(1);
    const { values } = await run;
    expect(values[value('replication_lag_seconds{standby="rc2"}')]).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('stops waiting for the second look when the run is ended', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const run = look(primary(), late, { clock, once: true, signal: controller.signal });
    while (clock.pending === 0) await Promise.resolve();
    const reason = failure('cancelled');
    controller.abort(reason);
    await expect(run).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });
});
