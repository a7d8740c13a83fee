import { describe, expect, it } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { database, double, down, isolated, node, region, up, type Test } from './stepping.ts';

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
