import { describe, expect, it, test } from 'vitest';
import check from '../../checks/postgres-divergence.ts';
import type { Region } from '../../src/core/region.ts';
import { parseLsn } from '../../src/protocol/lsn.ts';
import { fakePorts } from '../support/ports.ts';
import {
  cluster,
  failure,
  NO_RECEIVER,
  primary,
  standby,
  type Server,
} from '../support/postgres-answers.ts';
import { histories, throughVip, type Told } from '../support/postgres-vip-answers.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';

const SYSTEM = '7312345678901234567';
const [RC1, RC2] = ['172.31.16.32', '172.31.16.33'] as const;

/** What a server says of itself in the replication protocol: `1@0/100 2@0/200` was on 1 until 0/100. */
const told = (way: string, system = SYSTEM): Told => {
  const all = way.split(' ').map((each) => each.split('@'));
  const ends = all.map(([timeline, lsn = '']) => ({
    timeline: Number(timeline),
    end: parseLsn(lsn),
  }));
  const { timeline, end } = ends.at(-1)!;
  return { system, timeline, position: end, history: ends.slice(0, -1) };
};

const look = async (
  rc1: Server,
  rc2: Server,
  {
    says = {},
    mayReplicate = 'true',
    changes = {},
  }: {
    says?: Readonly<Record<string, Told>>;
    mayReplicate?: string;
    changes?: Partial<Region>;
  } = {},
) => {
  const { port, opened } = histories(says);
  const postgres = throughVip(cluster(rc1, rc2).port, { mayReplicate });
  const ran = await runCheck(check, region(changes), fakePorts({ postgres, walsender: port }));
  const evidence = ran.evidence.map(({ subject, says: words }) => `${subject} ${words}`);
  return { ...ran, opened, evidence };
};

const on2 = { wal_file: '000000020000000000000003' };
const DIVERGED = (node: string) => `maasha_postgres_diverged{node="${node}"}`;
const BYTES = (node: string) => `maasha_postgres_divergent_wal_bytes{node="${node}"}`;
const UNITED = { [DIVERGED('rc1')]: 0, [BYTES('rc1')]: 0, [DIVERGED('rc2')]: 0, [BYTES('rc2')]: 0 };

describe('in peace', () => {
  it('a pair on one timeline is one history, and nobody is asked for it', async () => {
    const { values, alerts, gaps, skips, opened } = await look(primary(), standby());
    expect(values).toEqual(UNITED);
    expect([alerts, gaps, skips, opened]).toEqual([[], [], [], []]);
  });

  it('says beforehand which grant is missing for the hour of need', async () => {
    const { values, skips } = await look(primary(), standby(), { mayReplicate: 'false' });
    expect(values).toEqual(UNITED);
    expect(skips).toMatchObject([{ code: 'no_privilege' }]);
    expect(skips[0]?.reason).toContain('ALTER ROLE maasha REPLICATION');
  });

  it('a copy of another database has not diverged', async () => {
    const other = standby({}, { system_identifier: '1' });
    expect((await look(primary(), other)).values).toEqual(UNITED);
  });
});

describe('histories that differ', () => {
  it('of two primaries: where they parted, and what each holds alone', async () => {
    const { values, alerts, evidence } = await look(primary({}, []), primary(on2, []), {
      says: { [RC1]: told('1@0/3000100'), [RC2]: told('1@0/3000000 2@0/3000040') },
    });
    expect(values).toEqual({
      [DIVERGED('rc1')]: 1,
      [BYTES('rc1')]: 256,
      [DIVERGED('rc2')]: 0,
      [BYTES('rc2')]: 0,
    });
    expect(alerts).toEqual(['MaasHaHistoryDiverged rc1']);
    expect(evidence).toEqual([
      'rc1 is on timeline 1 at 0/3000100 and has parted from rc2 (timeline 2, 0/3000040): they share timeline 1 up to 0/3000000',
      'rc1 do not attach or start anything until it is proven which to keep: only rc1 holds 256 bytes of WAL; only rc2 holds 64 bytes of WAL',
    ]);
  });

  it('of siblings with one number are both apart', async () => {
    const { values, alerts } = await look(primary(on2, []), primary(on2, []), {
      says: { [RC1]: told('1@0/90 2@0/170'), [RC2]: told('1@0/100 2@0/130') },
    });
    expect(values).toMatchObject({ [BYTES('rc1')]: 0xe0, [BYTES('rc2')]: 0xa0 });
    expect(alerts).toEqual(['MaasHaHistoryDiverged rc1', 'MaasHaHistoryDiverged rc2']);
  });

  it('of two primaries that began as one server: apart, by no number that could be known', async () => {
    const { values, evidence } = await look(primary({}, []), primary({}, []), {
      says: { [RC1]: told('1@0/170'), [RC2]: told('1@0/130') },
    });
    expect(values).toEqual({ [DIVERGED('rc1')]: 1, [DIVERGED('rc2')]: 1 });
    expect(evidence.join('\n')).toContain('how much only rc1 holds is not known');
  });

  it('of a standby that stopped before the fork: it can still follow', async () => {
    const { values, alerts, evidence } = await look(standby(NO_RECEIVER), primary(on2, []), {
      says: { [RC1]: told('1@0/3000000'), [RC2]: told('1@0/3000000 2@0/3000040') },
    });
    expect(values).toEqual(UNITED);
    expect(alerts).toEqual([]);
    expect(evidence[0]).toContain('it can still follow rc2');
  });

  it('are found behind a standby on the same timeline that receives from nobody', async () => {
    const { values } = await look(
      primary(on2, []),
      standby(NO_RECEIVER, { control_timeline: '2' }),
      {
        says: { [RC1]: told('1@0/100 2@0/200'), [RC2]: told('1@0/90 2@0/170') },
      },
    );
    expect(values).toMatchObject({
      [DIVERGED('rc1')]: 0,
      [DIVERGED('rc2')]: 1,
      [BYTES('rc2')]: 0xe0,
    });
  });

  it('are none between databases that never were one', async () => {
    const { values, inapplicable, evidence } = await look(primary({}, []), primary(on2, []), {
      says: { [RC1]: told('1@0/100', '1'), [RC2]: told('1@0/90 2@0/170', '2') },
    });
    expect(values[DIVERGED('rc1')]).toBeUndefined();
    expect(inapplicable).toEqual([DIVERGED('rc1'), BYTES('rc1')]);
    expect(evidence.join()).toContain('has another system identifier');
  });
});

describe('what cannot be seen', () => {
  const parted: readonly [Server, Server] = [primary({}, []), primary(on2, [])];

  it('without a log-in for replication: the timelines, and which grant is missing', async () => {
    const refused = failure('no_privilege', '42501');
    const { values, skips, gaps, evidence } = await look(...parted, {
      says: { [RC1]: refused, [RC2]: refused },
    });
    expect([values, gaps]).toEqual([{}, []]);
    expect(skips.map(({ subject, code }) => [subject, code])).toEqual([
      ['rc1', 'no_privilege'],
      ['rc2', 'no_privilege'],
    ]);
    expect(skips[0]?.reason).toContain('ALTER ROLE maasha REPLICATION');
    expect(evidence).toEqual(['rc1 is a primary on timeline 1', 'rc2 is a primary on timeline 2']);
  });

  it('without a line in pg_hba.conf: that line', async () => {
    const refused = Object.assign(failure('auth', '28000'), {
      facts: { noLineIn: 'pg', from: '172.31.16.40' },
    });
    const { skips } = await look(...parted, { says: { [RC1]: refused, [RC2]: refused } });
    expect(skips[0]?.reason).toContain('host maasdb maasha 172.31.16.40/32 scram-sha-256');
  });

  test.each(['timeout', 'refused', 'tls', 'protocol', 'dependency'] as const)(
    'of a node that is %s: a gap, once, and no good news about the other',
    async (code) => {
      const { values, gaps, alerts } = await look(primary(), { refuses: failure(code) });
      expect([values, alerts]).toEqual([{}, []]);
      expect(gaps.map(({ subject, failure: why }) => [subject, why.code])).toEqual([['rc2', code]]);
    },
  );

  it('of a server that tells no history: a gap, and no good news', async () => {
    const { values, gaps } = await look(...parted, {
      says: { [RC1]: told('1@0/100'), [RC2]: failure('timeout') },
    });
    expect(values).toEqual({});
    expect(gaps.map(({ subject }) => subject)).toEqual(['rc2']);
  });

  it('of one of three does not hide what the other two show', async () => {
    const nodes = [...region().nodes, { name: 'rc3', address: '172.31.16.36' }];
    const { values, gaps } = await look(...parted, {
      changes: { nodes },
      says: { [RC1]: told('1@0/100'), [RC2]: told('1@0/90 2@0/170') },
    });
    expect(values).toEqual({ [DIVERGED('rc1')]: 1, [BYTES('rc1')]: 0x70 });
    expect(gaps.map(({ subject }) => subject)).toEqual(['rc3']);
  });

  it('of one of three lets nobody be called united with it', async () => {
    const nodes = [...region().nodes, { name: 'rc3', address: '172.31.16.36' }];
    const { values, evidence } = await look(standby(NO_RECEIVER), primary(on2, []), {
      changes: { nodes },
      says: { [RC1]: told('1@0/3000000'), [RC2]: told('1@0/3000000 2@0/3000040') },
    });
    expect(values).toEqual({});
    expect(evidence[0]).toContain('it can still follow rc2');
  });

  it('does not exist with one node', async () => {
    const alone = region({ nodes: [{ name: 'rc1', address: RC1 }] });
    expect(check.absence?.(alone)).toContain('only one node');
    expect((await runCheck(check, alone, fakePorts())).skips).toMatchObject([{ code: 'config' }]);
  });
});
