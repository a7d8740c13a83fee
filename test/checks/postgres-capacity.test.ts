import { describe, expect, it, test } from 'vitest';
import check from '../../checks/postgres-capacity.ts';
import type { CheckContext } from '../../src/core/check.ts';
import type { Row } from '../../src/core/ports/postgres.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import {
  cluster,
  failure,
  NO_RECEIVER,
  primary,
  sender,
  standby,
  type Server,
} from '../support/postgres-answers.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const look = (rc1: Server, rc2: Server, context: Partial<CheckContext> = {}) =>
  runCheck(check, region(), fakePorts({ postgres: cluster(rc1, rc2).port }), context);

const value = (name: string): string => `maasha_postgres_${name}`;
const HEADROOM = value('wal_retention_headroom_bytes{standby="rc2"}');
const RATIO = value('wal_retention_headroom_ratio{standby="rc2"}');
const LEFT = value('wal_retention_left_seconds{standby="rc2"}');
const GAP = value('wal_gap{standby="rc2"}');
const SEGMENT = 16 * 1024 ** 2;

/** A server that does not answer one of the questions. */
const without = (question: keyof Server, server: Server): Server =>
  Object.fromEntries(Object.entries(server).filter(([name]) => name !== question));

const says = ({ evidence }: Ran): string =>
  evidence.map((each) => `${each.subject}: ${each.says}`).join('\n');
const codes = ({ gaps }: Ran) => gaps.map(({ subject, failure: { code } }) => [subject, code]);

/** The primary stands in segment 60, far beyond what it keeps for a standby in segment 3. */
const ahead = (changes: Partial<Server> = {}): Server => ({
  ...primary({ flush_lsn: '0/3C000100' }, []),
  ...changes,
});
const away = standby(NO_RECEIVER);
const dead: Server = { refuses: failure('refused') };

/** As the service does: several looks, each with what the one before has written down. */
async function watch(looks: readonly (readonly [wait: number, rc1: Server, rc2: Server])[]) {
  const clock = new FakeClock();
  const all: Ran[] = [];
  for (const [wait, rc1, rc2] of looks) {
    clock.advance(wait);
    const memory: unknown = JSON.parse(JSON.stringify(all.at(-1)?.memory ?? null));
    all.push(await look(rc1, rc2, { clock, memory }));
  }
  return all;
}

describe('a healthy pair', () => {
  it('has room in all respects, and alarms nobody', async () => {
    const ran = await look(primary(), standby());
    expect(ran.values).toEqual({
      [GAP]: 0,
      [HEADROOM]: 36 * SEGMENT - 0x35009e0,
      [RATIO]: 1,
      ...Object.fromEntries(
        ['rc1', 'rc2'].flatMap((node) => [
          [value(`connections{node="${node}"}`), 14],
          [value(`connections_allowed{node="${node}"}`), 97],
          [value(`connections_ratio{node="${node}"}`), 14 / 97],
        ]),
      ),
    });
    expect([ran.alerts, ran.gaps]).toEqual([[], []]);
    expect(says(ran)).toContain('rc2: 523 MiB of WAL may still be written');
  });

  it('needs nothing kept for its primary', async () => {
    const { inapplicable } = await look(primary(), standby());
    expect(inapplicable).toEqual(
      expect.arrayContaining([
        value('wal_gap{standby="rc1"}'),
        value('wal_retention_headroom_ratio{standby="rc1"}'),
      ]),
    );
  });

  it('is asked for its files only while somebody is not connected', async () => {
    expect((await look(without('files', primary()), standby())).gaps).toEqual([]);
  });
});

describe('a standby that is away', () => {
  it('and within the promise alarms nobody', async () => {
    const ran = await look(ahead({ ...primary({ flush_lsn: '0/8000000' }, []) }), away);
    expect(ran.values).toMatchObject({ [GAP]: 0, [HEADROOM]: 28 * SEGMENT });
    expect(ran.alerts).toEqual([]);
    expect(says(ran)).toContain(
      'rc2: is not connected and stands in WAL segment 0000000000000003, by its own word',
    );
  });

  test.each<readonly [string, Row | undefined, readonly string[], string, number]>([
    [
      'is lost where its WAL is seen to be gone',
      { oldest: '000000000000001E', files: '40' },
      ['MaasHaWalGap rc2', 'MaasHaWalRetentionLow rc2'],
      'rc1 keeps 512 MiB for it and has removed what it needs: the oldest segment there is 000000000000001E, and 432 MiB before that are gone; only a rebuild helps',
      0,
    ],
    [
      'is warned of where its WAL is seen to be there',
      { oldest: '0000000000000003', files: '70' },
      ['MaasHaWalRetentionLow rc2'],
      'what it needs is still there, and may go with the next checkpoint',
      0,
    ],
    [
      'may be lost where nobody can look',
      undefined,
      ['MaasHaWalGap rc2', 'MaasHaWalRetentionLow rc2'],
      'what it needs may be gone, which cannot be seen (it failed: no_privilege)',
      1,
    ],
  ])('and beyond the promise %s', async (_, files, alerts, words, gaps) => {
    const ran = await look(
      files === undefined ? without('files', ahead()) : ahead({ files }),
      away,
    );
    expect(ran.values[HEADROOM]).toBe(-(24 * SEGMENT + 0x100));
    expect(ran.alerts).toEqual(alerts);
    expect(says(ran)).toContain(words);
    expect(ran.gaps).toHaveLength(gaps);
  });

  it('is known by what was last seen of it once it is down, and its headroom counts down', async () => {
    const all = await watch([
      [0, primary(), standby()],
      [60, ahead({ ...primary({ flush_lsn: '0/8000000' }, []) }), dead],
      [60, ahead({ ...primary({ flush_lsn: '0/C000000' }, []) }), dead],
      [60, ahead({ ...primary({ flush_lsn: '0/10000000' }, []) }), dead],
    ]);
    expect(all.map(({ values }) => (values[HEADROOM] ?? 0) / SEGMENT)).toEqual([
      36 - 0x35009e0 / SEGMENT,
      28,
      24,
      20,
    ]);
    const last = all.at(-1);
    // 12.7 segments in 180 s, and 20 are left.
    expect(last?.values[LEFT]).toBeCloseTo((20 * SEGMENT) / ((0x10000000 - 0x35009e0) / 180), 3);
    expect(last && says(last)).toMatch(/320 MiB of WAL may still be written .* lasts 4m/);
    expect(last && says(last)).toContain('as it was when it was last seen');
    // Only its connections are not known.
    expect(last && codes(last)).toEqual([['rc2', 'refused']]);
  });

  it('is not known by anything once it is down in the first run', async () => {
    const ran = await look(ahead(), dead);
    expect(Object.keys(ran.values).join()).not.toContain('wal_');
    expect(codes(ran)).toEqual([
      ['rc2', 'dependency'],
      ['rc2', 'refused'],
    ]);
    expect(ran.gaps[0]?.failure.message).toContain('no look so far has seen where it stands');
  });

  it('is judged by what the primary last heard of it while it is frozen', async () => {
    const frozen = { refuses: failure('timeout') };
    const ran = await look(primary({}, [sender({ flush_lsn: '0/3000000' })]), frozen);
    expect(ran.values[HEADROOM]).toBe(36 * SEGMENT - 0x35009e0);
    expect(says(ran)).toContain('as it last told the primary');
  });

  it('has no time left or to lose while nothing is written', async () => {
    const idle = { ...primary({}, []) };
    const all = await watch([
      [0, primary(), standby()],
      [100, idle, dead],
      [100, idle, dead],
    ]);
    expect(all.at(-1)?.values).not.toHaveProperty([LEFT]);
    expect(all.at(-1)?.values[HEADROOM]).toBe(36 * SEGMENT - 0x35009e0);
    expect(says(all[2]!)).toContain('and that does not shrink');
  });
});

describe('what a standby’s number is never taken from', () => {
  test.each<readonly [string, Server, Server, string]>([
    [
      'another cluster',
      primary(),
      standby({}, { system_identifier: '1' }),
      'it is a copy of another database',
    ],
    [
      'another timeline',
      primary({ wal_file: '000000020000000000000003' }),
      standby(),
      'it stands on timeline 1, and rc1 on 2',
    ],
  ])('%s', async (_, rc1, rc2, why) => {
    const ran = await look(rc1, rc2);
    expect(Object.keys(ran.values).join()).not.toContain('wal_');
    expect(ran.gaps[0]?.failure.message).toContain(why);
    expect(ran.alerts).toEqual([]);
  });

  test.each<readonly [string, Server, Server, string]>([
    ['no primary', standby(), standby(), 'no node says that it is the primary'],
    ['two primaries', primary(), primary(), 'two nodes are primaries'],
    ['a primary that is down', dead, standby(), 'no node says that it is the primary'],
  ])('%s', async (_, rc1, rc2, why) => {
    const ran = await look(rc1, rc2);
    expect(Object.keys(ran.values).join()).not.toContain('wal_');
    expect(ran.gaps.map(({ failure: { message } }) => message).join()).toContain(why);
    expect(ran.inapplicable.join()).not.toContain('wal_');
  });

  it('another cluster, of which nothing is remembered either', async () => {
    const foreign = standby({ receive_lsn: '0/9000000' }, { system_identifier: '1' });
    const [, second] = await watch([
      [0, primary(), foreign],
      [30, primary({}, []), dead],
    ]);
    expect(Object.keys(second?.values ?? {}).join()).not.toContain('wal_');
  });

  it('a memory of a cluster that is not this one any more', async () => {
    const [, second] = await watch([
      [0, primary(), standby()],
      [30, primary({ wal_file: '000000020000000000000003' }, []), dead],
    ]);
    expect(Object.keys(second?.values ?? {}).join()).not.toContain('wal_');
  });
});

describe('an account without pg_monitor', () => {
  const hidden = sender({ address: null, state: null, flush_lsn: null, replay_lsn: null });
  const blind = without('files', primary({ flush_lsn: '0/3C000100' }, [hidden]));
  const receiver = { ...NO_RECEIVER, receiver_pid: '700' };

  it('is told so, and neither "lost" nor "well" is said of a standby far behind', async () => {
    const ran = await look(blind, standby(receiver));
    expect(codes(ran)).toEqual([['rc1', 'no_privilege']]);
    expect(ran.values).not.toHaveProperty([GAP]);
    expect(ran.alerts).toEqual(['MaasHaWalRetentionLow rc2']);
    expect(says(ran)).toContain('may be connected');
    expect(says(ran)).toContain('whether it is connected, and so has what it needs, is not known');
  });
});

describe('a server that cannot be asked', () => {
  test.each([
    ['timeout', '', [['rc2', 'timeout']]],
    ['refused', '', [['rc2', 'refused']]],
    ['dependency', '57P03', []],
    ['auth', '28P01', [['rc2', 'auth']]],
    ['protocol', '', [['rc2', 'protocol']]],
  ] as const)('for %s %s leaves the gap that it is', async (code, state, gaps) => {
    const ran = await look(primary(), { refuses: failure(code, state) });
    expect(codes(ran).filter(([, each]) => each !== 'dependency')).toEqual(gaps);
    expect(ran.values).not.toHaveProperty([value('connections_ratio{node="rc2"}')]);
  });

  it('about one thing is asked about none that follows, and leaves a gap', async () => {
    const ran = await look(without('slots', primary()), standby());
    expect(codes(ran)).toEqual([['rc1', 'timeout']]);
    expect(ran.values).toHaveProperty([value('connections_ratio{node="rc1"}')]);
    expect(Object.keys(ran.values).join()).not.toContain('wal_');
    expect(ran.inapplicable.join()).not.toContain('slot_state{node="rc1"}');
  });

  it('is nobody where the configuration names no database', async () => {
    const { postgres, ...bare } = region();
    expect(postgres).toBeDefined();
    const { skips, notes } = await runCheck(check, bare, fakePorts());
    expect([skips.length, notes.length]).toEqual([1, 1]);
    expect(check.absence?.(bare)).toContain('no PostgreSQL is configured');
  });
});
