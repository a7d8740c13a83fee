import { expect, it } from 'vitest';
import redundancy from '../../checks/redundancy.ts';
import { gap, type CheckResult } from '../../src/core/check.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import { gauge, observe, type Observation } from '../../src/core/metric.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { result } from '../support/results.ts';
import { runCheck } from '../support/run-check.ts';

const sample = (
  name: `maasha_${string}`,
  value: number,
  labels: Record<string, string>,
): Observation => observe(gauge({ name, help: '.', labels: Object.keys(labels) }), value, labels);

const healthy = (): Record<string, CheckResult> => ({
  vip: result('vip', [
    sample('maasha_vip_up', 1, {}),
    ...['rc1', 'rc2'].map((node) => sample('maasha_node_reachable', 1, { node })),
  ]),
  'pgpool-watchdog': result('pgpool-watchdog', [
    sample('maasha_pgpool_up', 1, { node: 'rc1' }),
    sample('maasha_pgpool_watchdog_peer_lost', 0, { node: 'rc1', peer: 'rc2' }),
    sample('maasha_pgpool_backend_detached', 0, { backend: 'rc2' }),
  ]),
  'postgres-replication': result('postgres-replication', [
    sample('maasha_postgres_replication_connected', 1, { standby: 'rc2' }),
  ]),
  'dns-serial': result('dns-serial', [sample('maasha_dns_slave_up', 1, { node: 'rc1' })]),
});

const look = (needs: Record<string, CheckResult>) =>
  runCheck(redundancy, region(), fakePorts(), { needs });

it('is not claimed for a region that is down as it is', async () => {
  const down = result('vip', [sample('maasha_vip_up', 0, {})]);
  const { values, evidence } = await look({ ...healthy(), vip: down });
  expect(values['maasha_region_redundant{}']).toBe(0);
  expect(evidence[0]?.says).toContain('the VIP does not answer');
});

it('is proven when every part has a spare', async () => {
  const { values, gaps } = await look(healthy());
  expect(values['maasha_region_redundant{}']).toBe(1);
  expect(gaps).toEqual([]);
});

it.each([
  ['vip', 'maasha_node_reachable', 0, { node: 'rc2' }, 'nodes: rc2 does not answer'],
  [
    'pgpool-watchdog',
    'maasha_pgpool_watchdog_peer_lost',
    1,
    { node: 'rc1', peer: 'rc2' },
    'watchdog: rc2 is missing',
  ],
  [
    'pgpool-watchdog',
    'maasha_pgpool_backend_detached',
    1,
    { backend: 'rc2' },
    'backends: rc2 is detached',
  ],
  [
    'postgres-replication',
    'maasha_postgres_replication_connected',
    0,
    { standby: 'rc2' },
    'standby: rc2 does not stream',
  ],
  ['dns-serial', 'maasha_dns_slave_up', 0, { node: 'rc1' }, 'dns: rc1 has no working slave DNS'],
] as const)('is lost when %s sees %s at %d', async (check, metric, value, labels, says) => {
  const { alerts, evidence } = await look({
    ...healthy(),
    [check]: result(check, [sample(metric, value, labels)]),
  });
  expect(alerts).toEqual(['MaasHaRedundancyLost']);
  expect(evidence.map((each) => `${each.subject}: ${each.says}`).join('\n')).toContain(says);
});

it('is not known, and not green, while one of the checks could not look', async () => {
  const blind = result('dns-serial', [], {
    gaps: [gap('rc1', new CheckFailure('protocol', 'garbage'))],
  });
  const { values, gaps } = await look({ ...healthy(), 'dns-serial': blind });
  expect(values).not.toHaveProperty('maasha_region_redundant{}');
  expect(gaps[0]?.failure.code).toBe('dependency');
});

it('is lost even if one of the checks could not look, when another proves it', async () => {
  const missing = result('vip', [sample('maasha_node_reachable', 0, { node: 'rc1' })]);
  const { values } = await look({ vip: missing });
  expect(values['maasha_region_redundant{}']).toBe(0);
});

it('is not called proven where a part is not watched', async () => {
  const skipped = result('dns-serial', [], { state: 'skipped' });
  const { values, skips, alerts } = await look({ ...healthy(), 'dns-serial': skipped });
  expect(values).not.toHaveProperty('maasha_region_redundant{}');
  expect(skips[0]?.reason).toContain('dns');
  expect(alerts).toEqual([]);
});
