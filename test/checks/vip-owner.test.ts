import { describe, expect, it, test } from 'vitest';
import check from '../../checks/vip-owner.ts';
import type { Region } from '../../src/core/region.ts';
import { region } from '../support/region.ts';
import { holders, once, says, value, Watch, WELL } from './owner-watch.ts';

describe('who holds the address', () => {
  it('is known when all witnesses agree', async () => {
    const ran = await once(WELL);
    expect(holders(ran)).toEqual([1, 0]);
    expect(value(ran, 'vip_owners')).toBe(1);
    expect(value(ran, 'vip_owner_witnesses')).toBe(4);
    expect(value(ran, 'vip_witnesses_disagree')).toBe(0);
    expect(value(ran, 'vip_owner_leads')).toBe(1);
    expect([ran.alerts, ran.gaps, ran.skips]).toEqual([[], [], []]);
    expect(says(ran)).toContain("vip: rc1 holds it: so say pgpool's watchdog (PCP)");
  });

  test.each([
    [{ pcp: ['rc2'], dns: 'rc2' }],
    [{ arp: ['rc2'], marker: 'rc2' }],
    [{ dns: 'rc2', marker: 'rc2' }],
  ] as const)('is known by two: %j', async (seen) => {
    const ran = await once({ ...seen, vipUp: 1 });
    expect(holders(ran)).toEqual([0, 1]);
    expect(value(ran, 'vip_owner_witnesses')).toBe(2);
    // Who leads, and what the wire shows, may be missing; who holds it is not.
    expect(ran.gaps.map(({ subject }) => subject)).not.toContain('vip');
  });

  test.each([
    [{ pcp: ['rc2'] }, 'PCP'],
    [{ arp: ['rc2'] }, 'ARP'],
    [{ dns: 'rc2' }, 'hostname.bind'],
    [{ marker: 'rc2' }, 'marker page'],
  ] as const)('is probable by one, and nobody is alarmed: %j', async (seen, by) => {
    const ran = await once({ ...seen, vipUp: 1 });
    expect(holders(ran)).toEqual([0, 1]);
    expect(value(ran, 'vip_owner_witnesses')).toBe(1);
    expect(value(ran, 'vip_owner_leads')).toBeUndefined();
    expect(ran.alerts).toEqual([]);
    expect(says(ran)).toContain('probably rc2 holds it: only');
    expect(says(ran)).toContain(by);
  });

  it('is not known, and not nobody, when no witness speaks', async () => {
    const ran = await once({ vipUp: 1 });
    expect(holders(ran)).toEqual([undefined, undefined]);
    expect(ran.gaps).toMatchObject([{ subject: 'vip', failure: { code: 'dependency' } }]);
  });

  it('is not known when one says so, and another something else', async () => {
    const ran = await once({ pcp: ['rc1'], dns: 'rc2', vipUp: 1 });
    expect(holders(ran)).toEqual([undefined, undefined]);
    expect(value(ran, 'vip_owners')).toBeUndefined();
    expect(ran.alerts).toEqual(['MaasHaVipWitnessesDisagree']);
    expect(says(ran)).toContain(
      "the witnesses disagree: pgpool's watchdog (PCP) says rc1; the DNS master (hostname.bind) says rc2",
    );
  });

  it('may be another node than the primary, by design', async () => {
    const ran = await once({ ...WELL, primaries: ['rc2'] });
    expect(ran.alerts).toEqual([]);
    expect(says(ran)).toContain('the primary is rc2, another node: that is by design');
  });

  it('is not said by a pgpool that is silent', async () => {
    const silent = await once({ ...WELL, pcp: [], pgpoolDown: ['rc1'] });
    expect(value(silent, 'vip_owner_witnesses')).toBe(3);
    expect(silent.alerts).toEqual([]);
  });

  it('is nobody, where the address is silent and nobody answers on the wire', async () => {
    const ran = await once({ arp: [], pcp: ['rc1'], vipUp: 0 });
    expect(holders(ran)).toEqual([0, 0]);
    expect(value(ran, 'vip_owners')).toBe(0);
    expect(says(ran)).toContain('nobody holds it');
  });

  it('is not known by PCP alone where the address is silent: it says only who should', async () => {
    const ran = await once({ pcp: ['rc1'], vipUp: 0 });
    expect(holders(ran)).toEqual([undefined, undefined]);
    expect(says(ran)).toContain('who should hold it does not make it answer');
    expect(ran.alerts).toEqual([]);
  });

  it('is known by the wire where the node answers nothing else', async () => {
    expect(holders(await once({ arp: ['rc1'], pcp: ['rc1'], vipUp: 0 }))).toEqual([1, 0]);
  });

  it('is not denied by a wire that does not reach the address', async () => {
    const ran = await once({ ...WELL, arp: [] });
    expect(holders(ran)).toEqual([1, 0]);
    expect(ran.alerts).toEqual([]);
  });

  it('is not said by a stranger on the wire', async () => {
    const ran = await once({ arp: ['stranger'], pcp: ['rc1'], dns: 'rc1', vipUp: 1 });
    expect(holders(ran)).toEqual([1, 0]);
    // Nor does that one prove that nobody has it.
    expect(holders(await once({ arp: ['stranger'], pcp: ['rc1'], vipUp: 0 }))).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('two owners', () => {
  it('of whom one leads: the other one is a leftover, and what to do is said', async () => {
    const ran = await once({
      ...{ arp: ['rc1', 'rc2'], pcp: ['rc2'], pgpoolDown: ['rc1'], dns: 'rc1', vipUp: 1 },
    });
    expect(holders(ran)).toEqual([1, 1]);
    expect(value(ran, 'vip_owners')).toBe(2);
    expect(ran.values).toMatchObject({
      'maasha_vip_leftover{node="rc1"}': 1,
      'maasha_vip_leftover{node="rc2"}': 0,
    });
    expect(ran.alerts).toContain('MaasHaVipLeftover rc1');
    expect(says(ran)).toMatch(/rc1: has the address besides rc2: its pgpool does not answer/);
    expect(says(ran)).toContain('delete the address on rc1 first');
  });

  it('given by hand to a node whose pgpool runs', async () => {
    const ran = await once({ ...WELL, arp: ['rc1', 'rc2'] });
    expect(ran.alerts).toEqual(['MaasHaVipTwoOwners', 'MaasHaVipLeftover rc2']);
    expect(says(ran)).toContain('rc2: has the address besides rc1: its pgpool does not lead');
  });

  it('by PCP: the region is double, and none of them is called a leftover', async () => {
    const ran = await once({ ...WELL, arp: ['rc1', 'rc2'], pcp: ['rc1', 'rc2'] });
    expect(value(ran, 'vip_owners')).toBe(2);
    expect(Object.keys(ran.values).filter((key) => key.includes('leftover'))).toEqual([]);
    const blind = await once({ dns: 'rc1', marker: 'rc1', vipUp: 1, pcp: ['rc1', 'rc2'] });
    expect(blind.alerts).toEqual(['MaasHaVipTwoOwners']);
  });
});

describe('an owner that does not lead', () => {
  it('is found when two witnesses beside PCP prove it', async () => {
    const ran = await once({ ...WELL, pcp: ['rc2'] });
    expect(holders(ran)).toEqual([1, 0]);
    expect(ran.alerts).toEqual(['MaasHaVipOwnerNotLeader', 'MaasHaVipWitnessesDisagree']);
  });

  it('is not claimed while there are two leaders, or none', async () => {
    for (const leaders of [[], ['rc1', 'rc2']] as const)
      expect(value(await once({ ...WELL, leaders }), 'vip_owner_leads')).toBeUndefined();
  });

  it('does not exist without PCP', async () => {
    const ran = await once({ arp: ['rc1'], dns: 'rc1' }, { pgpool: { port: 9999 } });
    expect(ran.inapplicable).toContain('maasha_vip_owner_leads{}');
  });
});

describe('a one-off look', () => {
  it('says what it cannot know, and nothing of it as a number', async () => {
    const watch = new Watch();
    await watch.sees(WELL);
    watch.memory = undefined;
    const ran = await watch.run(true);
    expect(says(ran)).toContain('one look cannot tell since when');
    expect(Object.keys(ran.values).filter((key) => /changes|since|recent/.test(key))).toEqual([]);
    expect(holders(ran)).toEqual([1, 0]);
  });
});

describe('a region', () => {
  const bare = { dns: undefined, pgpool: undefined, postgres: undefined, interface: undefined };
  const of = (changes: object) => region({ ...bare, ...changes } as unknown as Partial<Region>);

  test.each([
    [{}, true],
    [{ pgpool: { port: 9999 } }, true],
    [{ dns: { masterPort: 5353, slavePort: 53, zones: [] } }, true],
    [{ interface: 'eth0' }, false],
    [{ marker: { port: 80, path: '/' } }, false],
    [{ postgres: region().postgres }, false],
    [{ pgpool: region().pgpool }, false],
  ])('with %j', (changes, absent) => {
    expect(check.absence?.(of(changes)) !== undefined).toBe(absent);
  });

  it('where only the primary is known is told so, and the primary is followed', async () => {
    const watch = new Watch({ ...bare, postgres: region().postgres } as unknown as Partial<Region>);
    await watch.sees(WELL);
    const ran = await watch.sees({ primaries: ['rc2'] });
    expect(ran.alerts).toEqual(['MaasHaFailover primary']);
    expect(ran.skips).toMatchObject([{ subject: 'vip', code: 'config' }]);
    expect(ran.inapplicable).toEqual(['maasha_failover_recent{of="vip"}']);
  });
});
