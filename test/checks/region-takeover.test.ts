import { describe, expect, it, test } from 'vitest';
import check from '../../checks/region-takeover.ts';
import { evidence, type CheckResult } from '../../src/core/check.ts';
import { gauge, observe, type Observation } from '../../src/core/metric.ts';
import { FakeClock } from '../support/clock.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { result } from '../support/results.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

const sample = (
  name: `maasha_${string}`,
  value: number,
  labels: Record<string, string> = {},
): Observation => observe(gauge({ name, help: '.', labels: Object.keys(labels) }), value, labels);

interface Situation {
  readonly holders?: readonly string[];
  /** Seconds; absent in a one-off look. */
  readonly held?: number;
  readonly state?: string;
  readonly loops?: Readonly<Record<string, number>>;
  readonly sql?: readonly [up: number, writable?: number];
  readonly once?: boolean;
  readonly generation?: 1 | 2;
}

const NODES = ['rc1', 'rc2'];

function needs(situation: Situation, now: number): Readonly<Record<string, CheckResult>> {
  const { holders = ['rc2'], held, state, loops = {}, sql } = situation;
  const owner = result(
    'vip-owner',
    [
      ...NODES.map((node) => sample('maasha_vip_owner', Number(holders.includes(node)), { node })),
      ...(held === undefined
        ? []
        : [sample('maasha_vip_owner_since_timestamp_seconds', now / 1000 - held)]),
    ],
    { evidence: [evidence('vip', 'rc2 holds it: so say two witnesses')] },
  );
  const controllers = result('cluster-controllers', [
    ...(state === undefined ? [] : [sample('maasha_region_url_state', 1, { state })]),
    ...Object.entries(loops).map(([node, count]) =>
      sample('maasha_region_rpc_node_event_loops', count, { node }),
    ),
  ]);
  const [up, writable] = sql ?? [];
  const vip = result('postgres-vip', [
    ...(up === undefined ? [] : [sample('maasha_vip_sql_up', up)]),
    ...(writable === undefined ? [] : [sample('maasha_vip_sql_writable', writable)]),
  ]);
  return { 'vip-owner': owner, 'cluster-controllers': controllers, 'postgres-vip': vip };
}

const look = (situation: Situation): Promise<Ran> => {
  const clock = new FakeClock();
  return runCheck(check, region({ generation: situation.generation ?? 1 }), fakePorts(), {
    clock,
    once: situation.once ?? false,
    needs: needs(situation, clock.now()),
  });
};

const said = (ran: Ran): string =>
  ran.evidence.map(({ subject, says }) => `${subject} ${says}`).join('\n');

const STUCK = ['MaasHaRegionStuckAfterFailover rc2'];
const WELL: Situation = { held: 600, state: 'active', loops: { rc1: 0, rc2: 2 }, sql: [1, 1] };

describe('region-takeover', () => {
  it('finds a region that followed healthy, also with left-over loops of the old owner', async () => {
    for (const loops of [
      { rc1: 0, rc2: 2 },
      { rc1: 2, rc2: 2 },
    ]) {
      const ran = await look({ ...WELL, loops });
      expect(ran.alerts).toEqual([]);
      expect(ran.gaps).toEqual([]);
      expect(ran.values).toEqual({
        'maasha_region_stuck_after_failover{node="rc1"}': 0,
        'maasha_region_stuck_after_failover{node="rc2"}': 0,
      });
    }
  });

  test.each<readonly [string, Situation]>([
    ['still advertises only the loops of the old owner', { ...WELL, loops: { rc1: 2, rc2: 0 } }],
    ['has no database although SQL works there', { held: 600, state: 'no_database', sql: [1, 1] }],
  ])('finds a region that %s', async (_, situation) => {
    const ran = await look(situation);
    expect(ran.alerts).toEqual(STUCK);
    expect(said(ran)).toContain('apache2 must be restarted on failover');
    expect(said(ran)).toContain('rc2 holds the virtual address, seen there for 10m');
    expect(said(ran)).toContain('so say two witnesses');
  });

  test.each([
    [119, []],
    [120, STUCK],
  ])('gives it 120 s after the move: after %i s', async (held, alerts) => {
    const ran = await look({ held, state: 'no_database', sql: [1, 1] });
    expect(ran.alerts).toEqual(alerts);
    if (alerts.length === 0)
      expect(said(ran)).toContain('up to 120 s after the move that is normal');
  });

  it('cannot know in one look when it moved, and says so', async () => {
    const ran = await look({ state: 'no_database', sql: [1, 1], once: true });
    expect(ran.alerts).toEqual(STUCK);
    expect(said(ran)).toContain('one look cannot tell');
  });

  test.each<readonly [string, Situation]>([
    ['the database itself does not answer', { sql: [0] }],
    ['the database takes no writes', { sql: [1, 0] }],
  ])('does not blame the region where %s', async (_, situation) => {
    const ran = await look({ held: 600, state: 'no_database', ...situation });
    expect(ran.alerts).toEqual([]);
    expect(ran.values).toHaveProperty('maasha_region_stuck_after_failover{node="rc2"}', 0);
  });

  test.each<readonly [string, Situation]>([
    ['whether SQL works', { held: 600, state: 'no_database' }],
    ['what the region is like', { held: 600, sql: [1, 1] }],
    ['which loops there are', { held: 600, state: 'active', sql: [1, 1] }],
    ['any loop', { held: 600, state: 'active', loops: { rc1: 0, rc2: 0 }, sql: [1, 1] }],
    ['who holds the address', { ...WELL, holders: [] }],
    ['which of two holders counts', { ...WELL, holders: ['rc1', 'rc2'] }],
  ])('is unknown while nobody knows %s', async (_, situation) => {
    const ran = await look(situation);
    expect(ran.values).toEqual({});
    expect(ran.gaps.map(({ failure }) => failure.code)).toEqual(['dependency']);
  });

  it('of generation 2 names the service that is there', async () => {
    const ran = await look({ held: 600, state: 'no_database', sql: [1, 1], generation: 2 });
    expect(said(ran)).toContain('maas-regiond');
  });

  it('does not exist where nothing tells who holds the address', () => {
    const { name, vip, generation, maasUrl, nodes, trustedServers, rpc, clusters } = region();
    const bare = { name, vip, generation, maasUrl, nodes, trustedServers, rpc, clusters };
    expect(check.absence?.(bare)).toContain('who holds the virtual address');
    expect(check.absence?.(region())).toBeUndefined();
  });
});
