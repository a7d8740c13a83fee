import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { NODE, QUORUM, ROUTE } from './house.ts';
import { database, double, down, isolated, node, region, up, vip, type Test } from './stepping.ts';

describe('root cause', () => {
  const databaseFirst = (test: Test): void => {
    test.see('net', node(0));
    for (let time = 0; time < 3; time++) test.see('db', database(1));
  };

  it('holds an alert while a cause may still show, and opens it when none does', () => {
    const test = region();
    databaseFirst(test);
    expect(test.last()).toMatchObject({ kind: 'hold', reason: 'a cause may still show' });
    test.wait(15);
    test.feed({ is: 'tick' });
    expect(test.last()).toMatchObject({ kind: 'open', reason: 'no cause showed in time' });
  });

  it('opens at once when every cause was looked for in vain', () => {
    const test = region();
    test.see('db', database(1));
    test.see('net', node(0));
    test.see('db', database(1));
    test.see('db', database(1));
    expect(test.last()).toMatchObject({ kind: 'open', reason: 'nothing explains it' });
  });

  const folded = (test: Test): void => {
    databaseFirst(test);
    test.wait(15);
    test.feed({ is: 'tick' });
    for (let time = 0; time < 3; time++) test.see('net', node(1));
  };

  it('folds an open alert into a cause that shows late', () => {
    const test = region();
    folded(test);
    expect(test.all.find(({ kind }) => kind === 'fold')).toMatchObject({
      rule: 'MaasHaDatabase',
      told: true,
      into: { rule: 'MaasHaNode' },
    });
  });

  it('closes a folded alert that people know of', () => {
    const test = region();
    folded(test);
    for (let time = 0; time < 13; time++) test.see('db', database(0));
    expect(
      test
        .said()
        .filter((each) => each.endsWith('Database'))
        .at(-1),
    ).toBe('close Database');
  });

  it('shows an alert again that outlives its cause, after a grace', () => {
    const test = region();
    folded(test);
    for (let time = 0; time < 13; time++) test.see('net', node(0));
    expect(test.last()?.kind).toBe('close');
    test.wait(35);
    test.feed({ is: 'tick' });
    expect(test.last()?.kind).toBe('close');
    test.wait(5);
    test.feed({ is: 'tick' });
    expect(test.last()).toMatchObject({ kind: 'unfold', reason: 'its cause is over' });
  });

  it('folds everything, even a double, when the monitor is isolated', () => {
    const test = region();
    down(test);
    test.see('data', double(1));
    test.see('data', double(1));
    for (let time = 0; time < 3; time++) test.see('net', isolated(1));
    expect(test.said().slice(-3)).toEqual(['fold Vip', 'fold Double', 'open MonitorIsolated']);
  });
});

describe('a cause of several alerts', () => {
  const QUORUM_LOST = { rule: QUORUM, value: 1 };
  const on = (a: number, b: number) => [
    { rule: NODE, node: 'a', value: a },
    { rule: NODE, node: 'b', value: b },
  ];
  const lost = (names: readonly string[], b: number): Test => {
    const test = region();
    test.feed({ is: 'configured', names: { node: names } });
    for (let time = 0; time < 3; time++) {
      test.see('net', ...on(1, b));
      test.see('data', QUORUM_LOST);
    }
    return test;
  };

  it('explains when there is one for each configured name', () => {
    const test = lost(['a', 'b'], 1);
    expect(test.alert('Quorum')?.visibility).toMatchObject({
      is: 'folded',
      into: { fingerprint: 'maas3/MaasHaNode{"node":"a"}' },
    });
    expect(test.said()).not.toContain('open Quorum');
  });

  it('explains nothing while one of them is well, and is not waited for', () => {
    const test = lost(['a', 'b'], 0);
    expect(
      test.all.find(({ rule, kind }) => rule === QUORUM.name && kind === 'open'),
    ).toMatchObject({
      reason: 'nothing explains it',
    });
  });

  it('explains nothing while no names are known', () => {
    expect(lost([], 1).said()).toContain('open Quorum');
  });

  it('is waited for while one stands and the others may still come', () => {
    const test = region();
    test.feed({ is: 'configured', names: { node: ['a', 'b'] } });
    for (let time = 0; time < 3; time++) test.see('net', ...on(1, 0));
    test.see('data', QUORUM_LOST);
    test.see('net', ...on(1, 1));
    test.see('data', QUORUM_LOST);
    expect(test.alert('Quorum')?.visibility.is).toBe('held');
    test.see('net', ...on(1, 1));
    expect(test.said()).not.toContain('open Quorum');
  });

  it('of two kinds explains when both stand', () => {
    const test = region();
    const route = { rule: ROUTE, node: 'a', value: 1 };
    down(test);
    test.see('db', database(0), route);
    test.see('net', vip(1));
    test.see('db', database(0), route);
    expect(test.said()).toContain('open Route');
    for (let time = 0; time < 3; time++) test.see('db', database(1), route);
    expect(test.said()).toContain('fold Route');
  });
});

describe('people', () => {
  it('hear nothing of what is silenced until the silence ends', () => {
    const test = region();
    test.silence({ is: 'silenced', id: 's', rule: 'MaasHaVip' });
    down(test);
    expect(test.last()).toMatchObject({ kind: 'mute', told: false });
    test.silence();
    test.feed({ is: 'tick' });
    expect(test.last()).toMatchObject({ kind: 'open', reason: 'no longer silenced' });
  });

  it('are told of the end of what they knew of, although it was silenced meanwhile', () => {
    const test = region();
    down(test);
    test.silence({ is: 'maintenance', id: 'm' });
    up(test);
    expect(test.last()?.kind).toBe('close');
  });

  it('may own an alert for some time', () => {
    const test = region();
    down(test);
    const fingerprint = 'maas3/MaasHaVip{}';
    const lasts = seconds(60);
    test.feed({ is: 'acknowledge', fingerprint, by: 'ann', via: 'cli', lasts });
    expect(test.alert('Vip')?.ownership).toMatchObject({ is: 'acked', by: 'ann' });
    test.wait(60);
    test.feed({ is: 'tick' });
    expect(test.said().slice(-2)).toEqual(['unacknowledge Vip', 'stale Vip']);
  });
});
