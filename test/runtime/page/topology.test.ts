import { expect, it, test } from 'vitest';
import { topologyOf } from '../../../src/runtime/page/topology.ts';
import type { Observation } from '../../../src/core/metric.ts';
import { region } from '../../support/region.ts';
import { inState, sample, seen } from '../../support/page.ts';

const of = (
  changes: readonly Observation[] = [],
  gone: (sample: Observation) => boolean = () => false,
) => topologyOf(region(), seen(changes, gone));

const without = (name: string) => (each: Observation) => each.metric.name === name;
const factOf = (node: string, topic: string, topology: ReturnType<typeof of>) =>
  topology.nodes.find(({ name }) => name === node)?.facts.find((each) => each.topic === topic);

it('shows a region that is well without a single sign that is not good', () => {
  const { vip, nodes, links, clusters } = of();
  const signs = [
    vip.answers,
    vip.holder,
    ...vip.facts,
    ...nodes.flatMap(({ reach, facts }) => [reach, ...facts]),
    ...links,
    ...clusters,
  ].map(({ sign }) => sign);
  expect(new Set(signs)).toEqual(new Set(['good']));
});

it('takes nothing for health where nothing was seen', () => {
  const { vip, nodes, links, clusters, trusted } = topologyOf(region(), []);
  const signs = [
    vip.answers,
    vip.holder,
    ...vip.facts,
    ...nodes.flatMap(({ reach, facts }) => [reach, ...facts]),
    ...links,
    ...clusters,
    ...trusted,
  ].map(({ sign }) => sign);
  expect(new Set(signs)).toEqual(new Set(['unknown']));
  expect(nodes.map(({ claim }) => claim)).toEqual(['unknown', 'unknown']);
});

const NODE2 = { node: 'rc2' };

test.each([
  ['one that is agreed upon', [], 'one', ['rc1']],
  ['two owners', [sample('maasha_vip_owner', 1, NODE2)], 'disputed', ['rc1', 'rc2']],
  [
    'an address that was left over',
    [sample('maasha_vip_leftover', 1, NODE2)],
    'disputed',
    ['rc1', 'rc2'],
  ],
  [
    'two that claim it by their watchdogs',
    [
      sample('maasha_vip_owner', 0, { node: 'rc1' }),
      sample('maasha_vip_owners', 2),
      sample('maasha_pgpool_watchdog_escalated', 1, NODE2),
    ],
    'disputed',
    ['rc1', 'rc2'],
  ],
  ['none of them', [sample('maasha_vip_owner', 0, { node: 'rc1' })], 'nobody', []],
] as const)('knows who holds the address: %s', (_, changes, is, names) => {
  const { holder } = of(changes).vip;
  expect([holder.is, holder.names]).toEqual([is, names]);
});

it('does not make a holder of a single witness', () => {
  const { holder } = of([], without('maasha_vip_owner')).vip;
  expect(holder).toMatchObject({ is: 'unknown', sign: 'unknown' });
  expect(holder.says).toContain('watchdog for rc1');
});

test.each([
  ['it streams', [], 'streaming', 'good', 'lag under 1s'],
  [
    'it is behind, and that is judged',
    [sample('maasha_postgres_replication_lag_seconds', 90, { standby: 'rc2' })],
    'streaming',
    'good',
    '1m 30s behind',
  ],
  [
    'it does not stream',
    [sample('maasha_postgres_replication_connected', 0, { standby: 'rc2' })],
    'broken',
    'bad',
    'NOT streaming',
  ],
  [
    'replay is paused',
    [sample('maasha_postgres_replay_paused', 1, NODE2)],
    'streaming',
    'warning',
    'PAUSED',
  ],
  ['both are primary', inState('maasha_postgres_role', 'primary', NODE2), 'broken', 'bad', 'TWO'],
] as const)('draws replication: %s', (_, changes, is, sign, says) => {
  // A stateset's states are samples of their own: what it was before is not.
  const gone = (each: Observation) =>
    changes.some((change) => change.labels['state'] !== undefined) &&
    each.metric.name === 'maasha_postgres_role' &&
    each.labels['node'] === 'rc2';
  const [link] = of(changes, gone).links;
  expect(link).toMatchObject({ is, sign, to: 'rc2' });
  expect(link?.says).toContain(says);
});

it('does not know replication where nobody tells', () => {
  const [link] = of([], without('maasha_postgres_replication_connected')).links;
  expect(link).toMatchObject({ is: 'unknown', sign: 'unknown' });
});

test.each([
  ['pgpool', sample('maasha_pgpool_up', 0, NODE2), 'bad', 'down'],
  ['pgpool', sample('maasha_pgpool_headless', 1, NODE2), 'bad', 'orphans'],
  [
    'backend',
    sample('maasha_pgpool_backend_detached', 1, { backend: 'rc2' }),
    'warning',
    'detached',
  ],
  ['slave DNS', sample('maasha_dns_slave_up', 0, NODE2), 'bad', 'does not answer'],
  [
    'slave DNS',
    sample('maasha_dns_soa_serial_distance', 3, { server: 'rc2', zone: 'maas3' }),
    'bad',
    '3 AHEAD',
  ],
  [
    'slave DNS',
    sample('maasha_dns_soa_serial_distance', -2, { server: 'rc2', zone: 'maas3' }),
    'none',
    '2 behind',
  ],
  ['region app', sample('maasha_region_ready', 0, NODE2), 'warning', 'without database'],
])('shows at the node that its %s is not well', (topic, change, sign, says) => {
  const found = factOf('rc2', topic, of([change]));
  expect(found?.sign).toBe(sign);
  expect(found?.says).toContain(says);
});

test.each([
  ['connected', {}, 'good', 'connected'],
  ['cut off', { maasha_cluster_connected: 0 }, 'bad', 'NOT connected'],
  ['gone', { maasha_cluster_connected: 0, maasha_cluster_reachable: 0 }, 'bad', 'does not answer'],
] as const)('shows a cluster that is %s', (_, values, sign, says) => {
  const changes = Object.entries(values).map(([name, value]) =>
    sample(name, value, { cluster: 'maas4' }),
  );
  const [cluster] = of(changes).clusters;
  expect(cluster?.sign).toBe(sign);
  expect(cluster?.says).toContain(says);
});

it('shows a cluster that is there, and whose connection nobody proves, as not known', () => {
  const [cluster] = of([], without('maasha_cluster_connected')).clusters;
  expect(cluster).toMatchObject({ sign: 'unknown', says: 'answers; connection not known' });
});

it('shows proxy and fence only where they are configured', () => {
  const configured = region({ proxy: { ports: [8000] }, fencing: { role: 'maas', reports: {} } });
  const { nodes } = topologyOf(configured, seen([sample('maasha_fence_open', 1, NODE2)]));
  const topics = nodes[1]?.facts.map(({ topic, sign }) => `${topic} ${sign}`);
  expect(topics).toContain('fence bad');
  expect(topics).toContain('proxy unknown');
  expect(of().nodes[1]?.facts.map(({ topic }) => topic)).not.toContain('fence');
});
