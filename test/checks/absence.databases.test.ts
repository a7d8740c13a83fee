import { describe, expect, it, test } from 'vitest';
import pgpool from '../../checks/pgpool-watchdog.ts';
import postgres from '../../checks/postgres-replication.ts';
import redundancy from '../../checks/redundancy.ts';
import { type Check, type CheckContext, type CheckResult } from '../../src/core/check.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import { gauge, observe, type Observation } from '../../src/core/metric.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { backend, healthy, view, W_ERROR, type Told } from '../support/pgpool.ts';
import { failure, NO_RECEIVER, cluster, primary, standby } from '../support/postgres-answers.ts';
import type { Server } from '../support/postgres-answers.ts';
import { result } from '../support/results.ts';
import { runCheck } from '../support/run-check.ts';
import { RC1, wholeRegion } from './healthy-region.ts';
import { healthyPorts, pcp } from './healthy.ts';

/* What each check says does not exist (any more): see `Inapplicable`. */

const look = (
  check: Check,
  ports: Partial<Ports>,
  changes: Partial<Region> = {},
  context: Partial<CheckContext> = {},
) => runCheck(check, wholeRegion(changes), healthyPorts(ports), context);

const alone = { nodes: [{ name: 'rc1', address: RC1 }] };

describe('postgres-replication', () => {
  const gone = async (rc1: Server, rc2: Server): Promise<readonly string[]> =>
    (await look(postgres, { postgres: cluster(rc1, rc2).port })).inapplicable.map((each) =>
      each.replace('maasha_postgres_', ''),
    );
  const noReceiverOn = (node: string): readonly string[] => [
    `replay_paused{node="${node}"}`,
    `wal_receiver_silent_seconds{node="${node}"}`,
    `replay_delayed{node="${node}"}`,
  ];
  const noStandby = (node: string): readonly string[] => [
    `replication_connected{standby="${node}"}`,
    `replication_lag_seconds{standby="${node}"}`,
    `replication_lag_bytes{standby="${node}"}`,
  ];

  it('knows no standby and no receiver where the primary is', async () => {
    expect(await gone(primary(), standby())).toEqual([...noStandby('rc1'), ...noReceiverOn('rc1')]);
  });

  test.each(['refused', 'timeout', 'auth'] as const)(
    'knows no standby any more where one was promoted, even if the old primary is %s',
    async (code) => {
      const promoted = primary({ wal_file: '000000020000000000000003' }, []);
      const found = await gone({ refuses: failure(code) }, promoted);
      expect(found).toEqual([...noStandby('rc2'), ...noReceiverOn('rc2')]);
    },
  );

  it('leaves open which one ought to be the standby while there are two primaries', async () => {
    const found = await gone(primary({}, []), primary({}, []));
    expect(found).toEqual([...noReceiverOn('rc1'), ...noReceiverOn('rc2')]);
  });

  it('calls a receiver that has ended silent no more, and its standby still missing', async () => {
    const ran = await look(postgres, {
      postgres: cluster(primary({}, []), standby(NO_RECEIVER)).port,
    });
    expect(ran.inapplicable).toContain('maasha_postgres_wal_receiver_silent_seconds{node="rc2"}');
    expect(ran.alerts).toEqual(['MaasHaStandbyMissing rc2']);
  });

  test.each([
    ['is down', { refuses: failure('refused') }],
    ['does not say where it stands', { snapshot: standby().snapshot ?? {} }],
    ['hides its receiver', standby({ ...NO_RECEIVER, receiver_pid: '700' })],
    ['is on another timeline', standby({ received_timeline: '7' })],
  ] as const)('says nothing of a standby that %s', async (_, rc2) => {
    expect((await gone(primary(), rc2)).join()).not.toContain('rc2');
  });

  it('knows that a single node differs from nobody', async () => {
    const { inapplicable } = await look(postgres, {}, alone);
    expect(inapplicable).toEqual(
      expect.arrayContaining([
        'maasha_postgres_timelines_agree{}',
        'maasha_postgres_system_identifier_mismatch{}',
      ]),
    );
  });
});

describe('pgpool-watchdog', () => {
  const gone = async (told: Partial<Record<'rc1' | 'rc2', Partial<Told>>>) => {
    const [rc1, rc2] = [
      { ...healthy.rc1, ...told.rc1 },
      { ...healthy.rc2, ...told.rc2 },
    ];
    const { inapplicable } = await look(pgpool, { pcp: pcp({ rc1, rc2 }) });
    return inapplicable
      .map((each) => each.replace('maasha_pgpool_', ''))
      .filter((each) => !each.includes('unconfigured'));
  };
  const { rc1 } = healthy;
  const failed = new CheckFailure('timeout', 'no answer');
  const off = new CheckFailure(
    'protocol',
    'informing watchdog info failed: watchdog is not enabled',
    {
      facts: { answered: true },
    },
  );

  it('knows no peer that the node does not list as a member', async () => {
    const states = { rc1: 'leader', rc2: 'lost' } as const;
    const { peers } = view('rc1', states);
    const watchdog = view('rc1', states, { peers: peers.slice(0, 1) });
    expect(await gone({ rc1: { watchdog } })).toEqual([
      'watchdog_peer_lost{node="rc1",peer="rc2"}',
    ]);
    expect(await gone({ rc1: { watchdog: view('rc1', states) } })).toEqual([]);
    expect(await gone({ rc1: { watchdog: view('rc1', states, { peers: [] }) } })).toEqual([]);
  });

  it('knows no stranger among the members where all are configured', async () => {
    const { inapplicable } = await look(pgpool, {});
    expect(inapplicable).toEqual([
      'maasha_pgpool_watchdog_peer_lost{node="rc1",peer="unconfigured"}',
      'maasha_pgpool_watchdog_peer_lost{node="rc2",peer="unconfigured"}',
    ]);
  });

  it('knows nothing of a watchdog that is switched off', async () => {
    expect(await gone({ rc1: { watchdog: off } })).toEqual([
      'watchdog_peer_lost{node="rc1"}',
      'watchdog_quorum{node="rc1"}',
      'headless{node="rc1"}',
    ]);
    expect(await gone({ rc1: { watchdog: off }, rc2: { watchdog: off } })).toContain(
      'watchdog_leaders{}',
    );
    expect(await gone({ rc1: { watchdog: off }, rc2: { login: failed } })).not.toContain(
      'watchdog_leaders{}',
    );
  });

  it('knows no detached database where the leader does not list one', async () => {
    expect(await gone({ rc1: { backends: [backend('rc1')] } })).toEqual([
      'backend_detached{backend="rc2"}',
    ]);
  });

  test.each([
    ['the leader does not tell', { rc1: { backends: failed } }],
    ['the leader lists none at all', { rc1: { backends: [] } }],
    [
      'one is listed by a name that is not configured',
      { rc1: { backends: [backend('rc1'), { ...backend('rc2'), host: 'db9' }] } },
    ],
    ['only a follower leaves it out', { rc2: { backends: [backend('rc1')] } }],
    [
      'nobody leads',
      {
        rc1: {
          watchdog: view('rc1', { rc1: 'standby', rc2: 'standby' }),
          backends: [backend('rc1')],
        },
      },
    ],
    [
      'one of two leaders does not tell',
      {
        rc1: { backends: [backend('rc1')] },
        rc2: { watchdog: view('rc2', { rc1: 'lost', rc2: 'leader' }), backends: failed },
      },
    ],
    ['nobody can be asked', { rc1: { login: failed }, rc2: { login: failed } }],
    ['one is headless', { rc1: { watchdog: W_ERROR } }],
  ] as const)('says nothing of a database while %s', async (_, told) => {
    expect(await gone(told)).toEqual([]);
  });

  it('knows that one view alone does not disagree', async () => {
    const { inapplicable } = await look(pgpool, { pcp: pcp({ rc1, rc2: rc1 }) }, alone);
    expect(inapplicable).toContain('maasha_pgpool_views_agree{}');
  });
});

describe('redundancy', () => {
  const sample = (name: `maasha_${string}`, value: number, labels = {}): Observation =>
    observe(gauge({ name, help: '.', labels: Object.keys(labels) }), value, labels);
  const both = (name: `maasha_${string}`, value: number, label = 'node') =>
    ['rc1', 'rc2'].map((node) => sample(name, value, { [label]: node }));
  const watchdog = [
    ...both('maasha_pgpool_up', 1),
    ...both('maasha_pgpool_watchdog_peer_lost', 0, 'peer'),
  ];
  const connected = gauge({
    name: 'maasha_postgres_replication_connected',
    help: '.',
    labels: ['standby'],
  });
  const streams = observe(connected, 1, { standby: 'rc2' });
  const one = sample('maasha_postgres_primaries', 1);
  const seen = (changes: Record<string, CheckResult> = {}): Record<string, CheckResult> => ({
    vip: result('vip', [sample('maasha_vip_up', 1), ...both('maasha_node_reachable', 1)]),
    'pgpool-watchdog': result('pgpool-watchdog', [
      ...watchdog,
      ...both('maasha_pgpool_backend_detached', 0, 'backend'),
    ]),
    'postgres-replication': result('postgres-replication', [one, streams]),
    'dns-serial': result('dns-serial', both('maasha_dns_slave_up', 1)),
    proxy: result('proxy', both('maasha_proxy_node_works', 1)),
    ...changes,
  });
  const derive = (needs: Record<string, CheckResult>) => look(redundancy, {}, {}, { needs });
  const whole = 'maasha_region_redundant{}';

  it('neither claims nor misses a spare where a part is not watched by configuration', async () => {
    const skipped = result('dns-serial', [], { state: 'skipped' });
    const { inapplicable, gaps } = await derive(seen({ 'dns-serial': skipped }));
    expect([inapplicable, gaps]).toEqual([[whole], []]);
  });

  it('does not know, and says so, where nothing speaks of a part that is watched', async () => {
    const leaderless = result('pgpool-watchdog', watchdog);
    const { inapplicable, gaps } = await derive(seen({ 'pgpool-watchdog': leaderless }));
    expect(inapplicable).toEqual([]);
    expect(gaps[0]?.failure.message).toBe('nothing speaks of backends');
  });

  test.each([0, 2])('is lost with %i primaries, of whose standby nothing speaks', async (count) => {
    const found = result('postgres-replication', [sample('maasha_postgres_primaries', count)]);
    const { alerts, evidence } = await derive(seen({ 'postgres-replication': found }));
    expect(alerts).toEqual(['MaasHaRedundancyLost']);
    expect(evidence[0]?.says).toContain('not exactly one node is primary');
  });

  it('is proven where nothing is missing, and then nothing does not apply', async () => {
    const { values, inapplicable } = await derive(seen());
    expect([values[whole], inapplicable]).toEqual([1, []]);
  });
});
