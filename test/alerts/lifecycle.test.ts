import { describe, expect, it } from 'vitest';
import { CATALOGUE, ODD, result } from './house.ts';
import { BEGIN, double, down, node, region, up, vip } from './stepping.ts';

describe('the condition', () => {
  it('opens once it was bad for long enough and often enough, and closes once it was good so', () => {
    const test = region();
    down(test);
    up(test);
    expect(test.said()).toEqual(['pend Vip', 'fire Vip', 'open Vip', 'recover Vip', 'close Vip']);
    expect(test.last()).toMatchObject({
      reason: 'good for long enough',
      told: true,
      episode: { id: 'e1', startsAt: BEGIN + 20_000, endsAt: BEGIN + 30_000 },
    });
  });

  it('says nothing of what was bad only once', () => {
    const test = region();
    test.see('net', vip(1));
    test.see('net', vip(0));
    expect(test.said()).toEqual(['pend Vip', 'drop Vip']);
  });

  it('fires on one sample when its rule waits for nothing', () => {
    const test = region();
    test.see('net', vip(0));
    test.see('data', { rule: ODD, value: 1 });
    expect(test.said()).toContain('fire Odd');
  });

  it('wants a second look where the rule asks for one', () => {
    const test = region();
    test.see('data', double(1));
    expect(test.said()).toEqual(['pend Double']);
    test.see('data', double(1));
    expect(test.said().slice(1)).toEqual(['fire Double', 'open Double']);
  });

  it('pauses its hold-down while nothing is known', () => {
    const test = region();
    test.see('net', node(1));
    test.see('net', node(1));
    test.fail('net');
    test.see('net', node(1));
    expect(test.alert('Node')?.condition).toMatchObject({ is: 'pending', elapsed: 10 });
    test.see('net', node(1));
    expect(test.said()).toContain('open Node');
  });

  it('stays as it is when its check fails or its sample is missing', () => {
    const test = region();
    down(test);
    test.fail('net');
    test.see('net');
    expect(test.alert('Vip')?.condition.is).toBe('firing');
    for (let time = 0; time < 3; time++) test.see('net');
    expect(test.last()).toMatchObject({ kind: 'stale', reason: 'not seen for too long' });
    up(test, 1);
    expect(test.said().slice(-2)).toEqual(['fresh Vip', 'recover Vip']);
  });

  it('goes on with the same episode when it relapses', () => {
    const test = region();
    down(test);
    up(test, 3);
    test.see('net', vip(1));
    up(test);
    expect(test.said().filter((each) => /open|close/.test(each))).toEqual([
      'open Vip',
      'close Vip',
    ]);
  });

  it('continues an episode that comes back within the window', () => {
    const test = region();
    down(test);
    up(test);
    down(test);
    expect(test.last()).toMatchObject({
      kind: 'reopen',
      episode: { id: 'e1', startsAt: BEGIN + 20_000 },
    });
    expect(test.last()?.episode).not.toHaveProperty('endsAt');
  });

  it('begins a new episode after the window', () => {
    const test = region();
    down(test);
    up(test);
    up(test, 61);
    down(test);
    expect(test.last()).toMatchObject({ kind: 'open', episode: { id: 'e2' } });
  });

  it('does not mind a wall clock that is set back', () => {
    const test = region();
    test.see('net', vip(1));
    test.wait(0, -3600);
    test.see('net', vip(1));
    test.wait(0, -3600);
    up(test);
    const { startsAt = 0, endsAt = 0 } = test.last()?.episode ?? {};
    expect(test.last()?.kind).toBe('close');
    expect(endsAt).toBeGreaterThanOrEqual(startsAt);
  });

  it('counts on after a restart', () => {
    const test = region();
    test.see('net', node(1));
    test.see('net', node(1));
    test.restart();
    test.see('net', node(1));
    test.see('net', node(1));
    expect(test.said()).toContain('open Node');
  });

  it('says once that it flaps, and closes once when it is calm', () => {
    const test = region();
    down(test);
    for (let time = 0; time < 5; time++) {
      up(test, 1);
      test.see('net', vip(1));
    }
    up(test, 70);
    const heard = test.said().filter((each) => /open|close|flapping|steady/.test(each));
    expect(heard).toEqual(['open Vip', 'flapping Vip', 'steady Vip', 'close Vip']);
  });
});

describe('what is configured', () => {
  it('retires an alert whose rule is gone, and never calls it recovered', () => {
    const test = region();
    down(test);
    const without = { ...CATALOGUE, rules: new Map() };
    test.feed({ is: 'configured', names: {} }, without);
    expect(test.last()).toMatchObject({ kind: 'retire', reason: 'rule no longer configured' });
    expect(test.alert('Vip')).toBeUndefined();
  });

  it('retires an alert about a node that is gone', () => {
    const test = region();
    for (let time = 0; time < 3; time++) test.see('net', node(1));
    test.feed({ is: 'configured', names: { node: ['a', 'b'] } });
    expect(test.alert('Node')).toBeDefined();
    test.feed({ is: 'configured', names: { node: ['b'] } });
    expect(test.last()).toMatchObject({ kind: 'retire', told: true });
  });
});

it('refuses a result of another region', () => {
  const test = region();
  const foreign = result('net', [], { region: 'other' });
  expect(() => {
    test.feed({ is: 'round', result: foreign });
  }).toThrow('a result of other among the alerts of maas3');
});
