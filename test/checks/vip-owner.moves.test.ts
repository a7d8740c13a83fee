import { describe, expect, it } from 'vitest';
import { holders, recent, says, value, Watch, WELL, type Seen } from './owner-watch.ts';

const MOVED: Seen = { arp: ['rc2'], pcp: ['rc2'], dns: 'rc2', marker: 'rc2', vipUp: 1 };

describe('a move', () => {
  it('is none at first sight', async () => {
    const watch = new Watch();
    const ran = await watch.sees(WELL);
    expect([value(ran, 'vip_owner_changes'), recent(ran), recent(ran, 'primary')]).toEqual([
      0, 0, 0,
    ]);
    expect(value(ran, 'vip_owner_since_timestamp_seconds')).toBe(watch.clock.now() / 1000);
  });

  it('is counted, and recent for 120 s', async () => {
    const watch = new Watch();
    const before = await watch.sees(WELL);
    const ran = await watch.sees(MOVED);
    expect(value(ran, 'vip_owner_changes')).toBe(1);
    expect(value(ran, 'vip_owner_changes_last_hour')).toBe(1);
    expect(ran.alerts).toEqual(['MaasHaFailover vip']);
    expect(value(ran, 'vip_owner_since_timestamp_seconds')).toBe(
      (value(before, 'vip_owner_since_timestamp_seconds') ?? 0) + 15,
    );
    expect(recent(await watch.sees(MOVED, { after: 119 }))).toBe(1);
    const later = await watch.sees(MOVED, { after: 1 });
    expect([recent(later), value(later, 'vip_owner_changes')]).toEqual([0, 1]);
    expect(value(await watch.sees(MOVED, { after: 3600 }), 'vip_owner_changes_last_hour')).toBe(0);
  });

  it('is no contradiction of those that have not looked since', async () => {
    const watch = new Watch();
    await watch.sees(WELL);
    const first = await watch.sees(MOVED, { checks: ['pgpool-watchdog', 'vip'] });
    expect(first.alerts).toEqual([]);
    expect(value(first, 'vip_witnesses_disagree')).toBe(0);
    expect(says(first)).toContain('not counted, for they looked before the last change');
    // One alone says so, while others are yet to look: it is no move before a second one says the same.
    expect([recent(first), holders(first)]).toEqual([0, [0, 1]]);
    const second = await watch.sees(MOVED, { checks: ['vip-witness'], after: 5 });
    expect([recent(second), holders(second)]).toEqual([1, [0, 1]]);
    const third = await watch.sees(MOVED, { checks: ['dns-serial'], after: 5 });
    expect(third.alerts).toEqual(['MaasHaFailover vip']);
  });

  it('is a contradiction where those that looked since say something else', async () => {
    const watch = new Watch();
    await watch.sees(WELL);
    await watch.sees(MOVED, { checks: ['pgpool-watchdog'] });
    const ran = await watch.sees(WELL, { checks: ['dns-serial', 'vip-witness'] });
    expect(ran.alerts).toEqual(['MaasHaVipOwnerNotLeader', 'MaasHaVipWitnessesDisagree']);
    expect([recent(ran), holders(ran)]).toEqual([0, [1, 0]]);
  });

  it('is seen by the only witness that there is', async () => {
    const watch = new Watch();
    await watch.sees({ dns: 'rc1', vipUp: 1 });
    const ran = await watch.sees({ dns: 'rc2', vipUp: 1 });
    expect([recent(ran), value(ran, 'vip_owner_changes')]).toEqual([1, 1]);
  });

  it('is none after a time in which nothing was known, unless it is another node', async () => {
    const watch = new Watch();
    await watch.sees(WELL);
    const blind = await watch.sees({}, { after: 600 });
    expect([recent(blind), blind.gaps.length]).toEqual([0, 1]);
    expect(recent(await watch.sees(WELL, { after: 600 }))).toBe(0);
    await watch.sees({}, { after: 600 });
    expect(recent(await watch.sees(MOVED, { after: 600 }))).toBe(1);
  });

  it('is over after 120 s even if nothing is known any more', async () => {
    const watch = new Watch();
    await watch.sees(WELL);
    await watch.sees(MOVED);
    expect(recent(await watch.sees({}, { after: 60 }))).toBe(1);
    expect(recent(await watch.sees({}, { after: 60 }))).toBe(0);
  });

  it('is not counted while two hold it', async () => {
    const watch = new Watch();
    await watch.sees(WELL);
    const both = await watch.sees({ ...WELL, arp: ['rc1', 'rc2'] });
    expect([recent(both), value(both, 'vip_owner_changes')]).toEqual([0, 0]);
    expect(value(both, 'vip_owner_since_timestamp_seconds')).toBeUndefined();
    expect(recent(await watch.sees(WELL))).toBe(0);
  });

  it('may be one too many: three within an hour are flapping', async () => {
    const watch = new Watch();
    await watch.sees(WELL);
    await watch.sees(MOVED);
    const twice = await watch.sees(WELL);
    expect(twice.alerts).not.toContain('MaasHaVipFlapping');
    const thrice = await watch.sees(MOVED);
    expect(thrice.alerts).toContain('MaasHaVipFlapping');
    expect(value(thrice, 'vip_owner_changes')).toBe(3);
    const calm = await watch.sees(MOVED, { after: 3600 });
    expect([calm.alerts, value(calm, 'vip_owner_changes')]).toEqual([[], 3]);
  });

  it('of the primary is one, too; two primaries are none', async () => {
    const watch = new Watch();
    await watch.sees(WELL);
    const double = await watch.sees({ ...WELL, primaries: ['rc2', 'rc1'] });
    expect(recent(double, 'primary')).toBe(0);
    const none = await watch.sees({ ...WELL, primaries: [] });
    expect(recent(none, 'primary')).toBe(0);
    const ran = await watch.sees({ ...WELL, primaries: ['rc2'] });
    expect(ran.alerts).toEqual(['MaasHaFailover primary']);
    expect(
      recent(await watch.sees({ ...WELL, primaries: ['rc2'] }, { after: 120 }), 'primary'),
    ).toBe(0);
  });
});

describe('witnesses that contradict each other by turns', () => {
  it('do so for a minute after the last time', async () => {
    const watch = new Watch();
    const seen = { pcp: ['rc1'], dns: 'rc1', vipUp: 1 } as const;
    await watch.sees(seen);
    await watch.sees({ ...seen, dns: 'rc2' }, { checks: ['dns-serial'] });
    const apart = await watch.sees(seen, { checks: ['pgpool-watchdog'], after: 5 });
    expect(apart.alerts).toEqual(['MaasHaVipWitnessesDisagree']);
    const together = await watch.sees(seen, { after: 30 });
    expect(together.alerts).toEqual(['MaasHaVipWitnessesDisagree']);
    expect((await watch.sees(seen, { after: 30 })).alerts).toEqual([]);
  });
});

describe('memory', () => {
  it('of a node that is not configured any more is forgotten: that it has another name is no move', async () => {
    const watch = new Watch();
    await watch.sees(WELL);
    watch.memory = JSON.parse(JSON.stringify(watch.memory).replaceAll('"rc1"', '"old"')) as unknown;
    const ran = await watch.sees(WELL);
    expect([recent(ran), recent(ran, 'primary'), value(ran, 'vip_owner_changes')]).toEqual([
      0, 0, 0,
    ]);
  });

  it('of moments to come does not count', async () => {
    const watch = new Watch();
    await watch.sees(WELL);
    await watch.sees(MOVED);
    const ahead = (text: string): string =>
      text.replaceAll(/\d{13}/g, (at) => String(Number(at) + 1e9));
    watch.memory = JSON.parse(ahead(JSON.stringify(watch.memory))) as unknown;
    const ran = await watch.run();
    expect(ran.alerts).toEqual([]);
    expect(ran.values).toMatchObject({ 'maasha_vip_owner_changes_last_hour{}': 0 });
    expect(value(ran, 'vip_owner_since_timestamp_seconds')).toBe(watch.clock.now() / 1000);
    // A clock that was set back must not make all witnesses stale for ever.
    expect(value(ran, 'vip_owner_witnesses')).toBe(4);
  });
});
