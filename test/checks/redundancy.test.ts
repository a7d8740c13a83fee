import { describe, expect, it } from 'vitest';
import redundancy from '../../checks/redundancy.ts';
import { gap, skip, type CheckResult } from '../../src/core/check.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import { gauge, observe, type Observation } from '../../src/core/metric.ts';
import type { Region } from '../../src/core/region.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { result } from '../support/results.ts';
import { runCheck } from '../support/run-check.ts';

const sample = (
  name: `maasha_${string}`,
  value: number,
  labels: Record<string, string>,
): Observation => observe(gauge({ name, help: '.', labels: Object.keys(labels) }), value, labels);

/** What the checks see of nodes that lack nothing, the first of which is the primary; no proxy is configured. */
const healthy = (names: readonly string[] = ['rc1', 'rc2']): Record<string, CheckResult> => ({
  vip: result('vip', [
    sample('maasha_vip_up', 1, {}),
    ...names.map((node) => sample('maasha_node_reachable', 1, { node })),
  ]),
  'pgpool-watchdog': watchdog(names, names),
  'postgres-replication': replication(names.slice(1)),
  'dns-serial': slaves(names),
  proxy: absent('proxy', 'no proxy is configured'),
});

const watchdog = (
  names: readonly string[],
  alive: readonly string[],
  detached: readonly string[] = [],
): CheckResult =>
  result('pgpool-watchdog', [
    ...names.map((node) => sample('maasha_pgpool_up', Number(alive.includes(node)), { node })),
    ...alive.flatMap((node) => [
      ...names
        .filter((peer) => peer !== node)
        .map((peer) =>
          sample('maasha_pgpool_watchdog_peer_lost', Number(!alive.includes(peer)), { node, peer }),
        ),
      sample('maasha_pgpool_watchdog_nodes_alive', alive.length, { node }),
      sample('maasha_pgpool_watchdog_nodes_configured', names.length, { node }),
    ]),
    ...names.map((backend) =>
      sample('maasha_pgpool_backend_detached', Number(detached.includes(backend)), { backend }),
    ),
  ]);

const replication = (names: readonly string[], missing: readonly string[] = []): CheckResult =>
  result(
    'postgres-replication',
    names.map((standby) =>
      sample('maasha_postgres_replication_connected', Number(!missing.includes(standby)), {
        standby,
      }),
    ),
  );

const slaves = (names: readonly string[], dead: readonly string[] = []): CheckResult =>
  result(
    'dns-serial',
    names.map((node) => sample('maasha_dns_slave_up', Number(!dead.includes(node)), { node })),
  );

const absent = (check: string, reason: string): CheckResult =>
  result(check, [], { state: 'skipped', skips: [skip(check, 'config', reason)] });

const look = (needs: Record<string, CheckResult>, where: Partial<Region> = {}) =>
  runCheck(redundancy, region(where), fakePorts(), { needs });

/** A region with parts left out. */
function without(...sections: readonly (keyof Region)[]): Region {
  const whole = region();
  return Object.fromEntries(
    Object.entries(whole).filter(([key]) => !sections.some((each) => each === key)),
  ) as unknown as Region;
}
const lookAt = (where: Region, needs: Record<string, CheckResult>) =>
  runCheck(redundancy, where, fakePorts(), { needs });

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
  const skipped = absent('dns-serial', 'no zones are configured');
  const { values, skips, alerts } = await look({ ...healthy(), 'dns-serial': skipped });
  expect(values).not.toHaveProperty('maasha_region_redundant{}');
  expect(skips).toMatchObject([
    { subject: 'dns', reason: expect.stringContaining('no zones') as string },
  ]);
  expect(alerts).toEqual([]);
});

describe('a site', () => {
  const noPgpool = absent('pgpool-watchdog', 'no pgpool is configured');

  it('without pgpool is judged by the rest, and it is said what nobody watches', async () => {
    const { values, evidence, gaps, skips } = await lookAt(without('pgpool'), {
      ...healthy(),
      'pgpool-watchdog': noPgpool,
    });
    expect(values['maasha_region_redundant{}']).toBe(1);
    expect(values).not.toHaveProperty('maasha_redundancy_part{part="watchdog"}');
    expect([gaps, skips]).toEqual([[], []]);
    expect(evidence.map(({ says }) => says)).toContain(
      'there is no pgpool: whatever moves the VIP is not watched',
    );
  });

  it('without pgpool is not redundant while its standby does not stream', async () => {
    const { alerts } = await lookAt(without('pgpool'), {
      ...healthy(),
      'pgpool-watchdog': noPgpool,
      'postgres-replication': replication(['rc2'], ['rc2']),
    });
    expect(alerts).toEqual(['MaasHaRedundancyLost']);
  });

  it('whose database nobody watches is proven nothing, and alarms nobody', async () => {
    const { values, skips, gaps, alerts } = await lookAt(without('postgres'), {
      ...healthy(),
      'postgres-replication': absent('postgres-replication', 'no account is given'),
    });
    expect(values).not.toHaveProperty('maasha_region_redundant{}');
    expect(values['maasha_redundancy_part{part="watchdog"}']).toBe(1);
    expect(skips[0]?.reason).toContain('no account is given');
    expect([gaps, alerts]).toEqual([[], []]);
  });

  it('without a PCP account is not called redundant by pgpools that merely answer', async () => {
    const blindly = result(
      'pgpool-watchdog',
      ['rc1', 'rc2'].flatMap((node) => [
        sample('maasha_pgpool_up', 1, { node }),
        sample('maasha_pgpool_backend_detached', 0, { backend: node }),
      ]),
      { skips: [skip('pgpool', 'config', 'watchdog state needs PCP')] },
    );
    const { values, skips, gaps } = await look({ ...healthy(), 'pgpool-watchdog': blindly });
    expect(values).not.toHaveProperty('maasha_region_redundant{}');
    expect(skips[0]).toMatchObject({ subject: 'watchdog' });
    expect(gaps).toEqual([]);
  });

  it('without any DNS, or without slaves, has no such part', async () => {
    const none = absent('dns-serial', 'no zones are configured');
    const bare = await lookAt(without('dns'), { ...healthy(), 'dns-serial': none });
    expect(bare.values['maasha_region_redundant{}']).toBe(1);
    const dns = { masterPort: 5353, slavePort: 53, zones: ['maas3'], slaves: [] };
    const noSlaves = await look({ ...healthy(), 'dns-serial': result('dns-serial', []) }, { dns });
    expect(noSlaves.values['maasha_region_redundant{}']).toBe(1);
  });

  it('with one slave DNS says that it has no spare, and alarms nobody while it works', async () => {
    const slave = { name: 'ns1', address: '172.31.16.36' };
    const dns = { masterPort: 5353, slavePort: 53, zones: ['maas3'], slaves: [slave] };
    const { evidence, alerts } = await look(
      { ...healthy(), 'dns-serial': slaves(['ns1']) },
      { dns },
    );
    expect(evidence.map(({ says }) => says).join()).toContain('one slave DNS only');
    expect(alerts).toEqual([]);
    const dead = await look({ ...healthy(), 'dns-serial': slaves(['ns1'], ['ns1']) }, { dns });
    expect(dead.alerts).toEqual(['MaasHaRedundancyLost']);
  });

  it('of one node has no such check', () => {
    const [only] = region().nodes;
    expect(redundancy.absence?.(region({ nodes: only === undefined ? [] : [only] }))).toContain(
      'one node',
    );
    expect(redundancy.absence?.(region())).toBeUndefined();
  });
});

describe('three nodes', () => {
  const names = ['rc1', 'rc2', 'rc3'];
  const nodes = names.map((name, index) => ({ name, address: `172.31.16.${32 + index}` }));
  const three = (changes: Record<string, CheckResult> = {}) =>
    look({ ...healthy(names), ...changes }, { nodes });

  it('are redundant when all of them lack nothing', async () => {
    const { values, evidence } = await three();
    expect(values['maasha_region_redundant{}']).toBe(1);
    expect(evidence[0]?.says).toBe('one more failure is survivable');
  });

  it('survive one more failure with one standby of two, and say which is missing', async () => {
    const { values, evidence } = await three({
      'postgres-replication': replication(['rc2', 'rc3'], ['rc3']),
    });
    expect(values['maasha_region_redundant{}']).toBe(1);
    expect(evidence).toContainEqual(
      expect.objectContaining({
        subject: 'standby',
        says: expect.stringContaining('rc3') as string,
      }),
    );
  });

  it('do not without any standby', async () => {
    const { values } = await three({
      'postgres-replication': replication(['rc2', 'rc3'], ['rc2', 'rc3']),
    });
    expect(values['maasha_region_redundant{}']).toBe(0);
  });

  it('do not once a member of the watchdog is lost: the next one takes the quorum', async () => {
    const { values, evidence } = await three({
      'pgpool-watchdog': watchdog(names, ['rc1', 'rc2']),
    });
    expect(values['maasha_region_redundant{}']).toBe(0);
    expect(evidence.map(({ says }) => says).join()).toContain('sees 2 of 3 members');
  });

  it('do not when two of them each lack another part: the third alone lacks nothing', async () => {
    const { values, evidence } = await three({
      'pgpool-watchdog': watchdog(names, names, ['rc2']),
      'postgres-replication': replication(['rc2', 'rc3'], ['rc3']),
    });
    expect(values['maasha_redundancy_part{part="standby"}']).toBe(1);
    expect(values['maasha_redundancy_part{part="backends"}']).toBe(1);
    expect(values['maasha_region_redundant{}']).toBe(0);
    expect(evidence[0]?.says).toBe('rc1 alone lacks nothing');
  });

  it('have a spare slave DNS when one of three is dead', async () => {
    const { values } = await three({ 'dns-serial': slaves(names, ['rc2']) });
    expect(values['maasha_region_redundant{}']).toBe(1);
  });

  it('survive the loss of one of five members of the watchdog', async () => {
    const five = ['rc1', 'rc2', 'rc3', 'rc4', 'rc5'];
    const { values } = await look(
      { ...healthy(five), 'pgpool-watchdog': watchdog(five, five.slice(0, 4)) },
      { nodes: five.map((name, index) => ({ name, address: `172.31.16.${32 + index}` })) },
    );
    expect(values['maasha_region_redundant{}']).toBe(1);
  });
});
