import { describe, expect, it } from 'vitest';
import { observe } from '../../src/core/metric.ts';
import { seconds } from '../../src/core/time.ts';
import { testCheck, value } from '../support/checks.ts';
import { counting, probing, settled } from '../support/probing.ts';
import { region } from '../support/region.ts';

describe('what a check is given', () => {
  it('is a one-off run first, and then what the run before remembered', async () => {
    const { check, given } = counting();
    const { ask, clock } = probing([check]);
    await ask();
    clock.advance(10);
    await ask();
    expect(given.map(({ once, memory }) => ({ once, memory }))).toEqual([
      { once: true, memory: undefined },
      { once: false, memory: 1 },
    ]);
  });

  it('is a one-off run again, with its memory, when nobody has asked for three intervals', async () => {
    const { check, given } = counting();
    const { ask, clock } = probing([check]);
    await ask();
    clock.advance(36);
    await ask();
    expect(given.at(-1)).toMatchObject({ once: true, memory: 1 });
  });

  it('is kept apart by region', async () => {
    const { check, given } = counting();
    const { ask } = probing([check]);
    await ask();
    await ask('test', { region: region({ name: 'other' }) });
    expect(given.map(({ memory }) => memory)).toEqual([undefined, undefined]);
  });

  it('includes what stood before, for a rule that clears at another threshold', async () => {
    const values = [11, 7];
    const [rule] = testCheck().rules;
    if (rule === undefined) throw new Error('no rule');
    const check = testCheck({
      rules: [{ ...rule, clear: { below: 5 } }],
      run: async () => [observe(value, values.shift() ?? 0, { node: 'rc1' })],
    });
    const { ask, clock } = probing([check]);
    await ask();
    clock.advance(10);
    expect((await ask()).result.state).toBe('critical');
  });
});

describe('a result that is kept', () => {
  it('is given again while younger than half the interval, as what it is', async () => {
    const { check, given } = counting();
    const { ask, clock } = probing([check]);
    const first = await ask();
    clock.advance(4.9);
    const second = await ask();
    expect(first.way).toBe('ran');
    expect(second).toEqual({ way: 'kept', result: first.result });
    expect(given).toHaveLength(1);
  });

  it('is not when it is half an interval old', async () => {
    const { check } = counting();
    const { ask, clock } = probing([check]);
    await ask();
    clock.advance(5);
    expect((await ask()).way).toBe('ran');
  });

  it('is not when a new look is wanted', async () => {
    const { check, given } = counting();
    const { ask } = probing([check]);
    await ask();
    expect((await ask('test', { fresh: true })).way).toBe('ran');
    expect(given).toHaveLength(2);
  });

  it('is never given where nothing is kept', async () => {
    const { check } = counting();
    const { ask } = probing([check], { keeps: false });
    await ask();
    expect((await ask()).way).toBe('ran');
  });

  it('comes to one look an interval for two that ask out of step', async () => {
    const { check, given } = counting();
    const { ask, clock } = probing([check]);
    for (let turn = 0; turn < 10; turn += 1) {
      await ask();
      clock.advance(3);
      await ask();
      clock.advance(7);
    }
    expect(given).toHaveLength(10);
  });
});

describe('a finding that is to be seen twice', () => {
  /** A check that sees these values, one a run, and how many runs it had. */
  function showing(...values: number[]) {
    const [rule] = testCheck().rules;
    if (rule === undefined) throw new Error('no rule');
    const runs: number[] = [];
    const check = testCheck({
      rules: [{ ...rule, confirm: true }],
      run: async () => {
        runs.push(runs.length);
        return [observe(value, values.shift() ?? 1, { node: 'rc1' })];
      },
    });
    return { ...probing([check]), runs };
  }

  it('is answered as the second look shows it', async () => {
    const passing = showing(11, 1);
    expect((await passing.ask()).result.state).toBe('ok');
    const lasting = showing(11, 12);
    expect((await lasting.ask()).result.findings).toMatchObject([{ value: 12 }]);
    expect([passing.runs.length, lasting.runs.length]).toEqual([2, 2]);
  });

  it('is not looked at twice again while it goes on', async () => {
    const { ask, runs, clock } = showing(11, 11, 11);
    await ask();
    clock.advance(10);
    expect((await ask()).result.state).toBe('critical');
    expect(runs).toHaveLength(3);
  });

  it('stands when the second look comes to nothing', async () => {
    const [rule] = testCheck().rules;
    if (rule === undefined) throw new Error('no rule');
    const runs: number[] = [];
    const check = testCheck({
      timeout: seconds(3),
      rules: [{ ...rule, confirm: true }],
      run: async () => {
        runs.push(1);
        return runs.length === 1
          ? [observe(value, 11, { node: 'rc1' })]
          : new Promise<never>(() => undefined);
      },
    });
    const { ask, clock } = probing([check]);
    const answer = ask();
    await settled();
    clock.advance(3);
    expect((await answer).result.state).toBe('critical');
  });
});
