import { describe, expect, it } from 'vitest';
import { evidence, type CheckContext } from '../../src/core/check.ts';
import { seconds } from '../../src/core/time.ts';
import { testCheck } from '../support/checks.ts';
import { counting, held, probing, settled } from '../support/probing.ts';
import { region } from '../support/region.ts';

describe('runs under way', () => {
  it('are shared by all who ask meanwhile', async () => {
    const { check, ends } = held();
    const { ask } = probing([check]);
    const answers = [ask(), ask(), ask('test', { fresh: true })];
    await settled();
    expect(ends).toHaveLength(1);
    ends[0]?.();
    expect((await Promise.all(answers)).map(({ way }) => way)).toEqual(['ran', 'joined', 'joined']);
  });

  it('go on when the one who asked cannot wait, and are there for the next', async () => {
    const { check, ends } = held({ timeout: seconds(8) });
    const { ask, clock } = probing([check]);
    const answer = ask('test', { limit: seconds(2) });
    await settled();
    clock.advance(2);
    const late = await answer;
    expect(late).toMatchObject({
      way: 'late',
      result: { state: 'unknown', failure: { code: 'timeout', message: 'not finished within 2s' } },
    });
    ends[0]?.();
    await settled();
    expect(await ask()).toMatchObject({ way: 'kept', result: { state: 'ok' } });
  });

  it('let each who waits go at his own time', async () => {
    const { check, ends } = held();
    const { ask, clock } = probing([check]);
    const patient = ask('test', { limit: seconds(4) });
    const hasty = ask('test', { limit: seconds(1) });
    await settled();
    clock.advance(1);
    expect((await hasty).way).toBe('late');
    ends[0]?.();
    expect((await patient).way).toBe('ran');
    expect(clock.pending).toBe(0);
  });

  it('end at the check’s own deadline though whoever asks would wait for longer', async () => {
    const { check } = held({ timeout: seconds(3) });
    const { ask, clock } = probing([check]);
    const answer = ask('test', { limit: seconds(60) });
    await settled();
    clock.advance(3);
    expect((await answer).result.failure?.message).toBe('not finished within 3s');
  });

  it('are cut off with the process, and nothing is kept of them', async () => {
    const { check } = held();
    const { ask, latest, life } = probing([check]);
    const answer = ask();
    await settled();
    life.abort();
    await expect(answer).rejects.toThrow('the process is being stopped');
    expect(latest.all()).toEqual([]);
  });
});

describe('a derived check', () => {
  const derived = (needs: readonly string[]) => {
    const given: CheckContext[] = [];
    const check = testCheck({
      name: 'derived',
      every: '1m',
      timeout: seconds(1),
      metrics: [],
      rules: [],
      needs,
      run: async (_, context) => {
        given.push(context);
        return [evidence('all', Object.keys(context.needs).sort().join(' '))];
      },
    });
    return { check, given };
  };

  it('uses what is known and present, and looks at what is not', async () => {
    const known = counting({ name: 'known' });
    const missing = counting({ name: 'missing' });
    const { check, given } = derived(['known', 'missing']);
    const { ask, clock } = probing([known.check, missing.check, check]);
    await ask('known');
    clock.advance(20);
    await ask('derived');
    expect([known.given.length, missing.given.length]).toEqual([1, 1]);
    expect(Object.keys(given[0]?.needs ?? {}).sort()).toEqual(['known', 'missing']);
  });

  it('looks again at what is history, and at everything when a new look is wanted', async () => {
    const known = counting({ name: 'known' });
    const { check } = derived(['known']);
    const { ask, clock } = probing([known.check, check]);
    await ask('derived');
    clock.advance(36);
    await ask('derived');
    expect(known.given).toHaveLength(2);
    await ask('derived', { fresh: true });
    expect(known.given).toHaveLength(3);
  });

  it('shares the runs of what it needs with those who ask for them', async () => {
    const slow = held({ name: 'slow' });
    const { check } = derived(['slow']);
    const { ask } = probing([slow.check, check]);
    const answers = [ask('derived'), ask('slow')];
    await settled();
    expect(slow.ends).toHaveLength(1);
    slow.ends[0]?.();
    expect((await Promise.all(answers)).map(({ way }) => way)).toEqual(['ran', 'joined']);
  });

  it('finds room where the only room is for what it needs', async () => {
    const need = counting({ name: 'need' });
    const { check } = derived(['need']);
    const { ask } = probing([need.check, check], { room: { all: 1, ofOne: 1 } });
    expect((await ask('derived')).result.evidence[0]?.says).toBe('need');
  });

  it('is told why what it needs does not exist there', async () => {
    const absent = counting({ name: 'absent', absence: () => 'no such section' });
    const { check, given } = derived(['absent']);
    const { ask } = probing([absent.check, check]);
    await ask('derived');
    expect(given[0]?.needs['absent']?.skips[0]?.reason).toBe('no such section');
    expect(absent.given).toEqual([]);
  });
});

describe('when there is no room', () => {
  it('a probe waits for it, and is refused in words when its time is up', async () => {
    const first = held({ name: 'first' });
    const second = counting({ name: 'second' });
    const { ask, clock } = probing([first.check, second.check], { room: { all: 1, ofOne: 1 } });
    const holding = ask('first');
    await settled();
    const waiting = ask('second', { limit: seconds(2) });
    const patient = ask('second', { limit: seconds(4) });
    await settled();
    clock.advance(2);
    await expect(waiting).rejects.toThrow(
      'no room for second on maas3 within 2s: runs under way: 1, waiting: 1',
    );
    first.ends[0]?.();
    await holding;
    expect((await patient).result.state).toBe('ok');
  });

  it('what nobody waits for any more is not begun', async () => {
    const first = held({ name: 'first' });
    const second = counting({ name: 'second' });
    const { ask, gate, prober, clock } = probing([first.check, second.check], {
      room: { all: 1, ofOne: 1 },
    });
    const holding = ask('first');
    await settled();
    const waiting = ask('second', { limit: seconds(2) });
    await settled();
    clock.advance(2);
    await expect(waiting).rejects.toThrow('no room');
    first.ends[0]?.();
    await holding;
    await prober.idle();
    expect(second.given).toEqual([]);
    expect(gate.running).toBe(0);
  });

  it('one region that is slow leaves the others theirs', async () => {
    const slow = held({ name: 'slow' });
    const other = held({ name: 'other' });
    const quick = counting({ name: 'quick' });
    const checks = [slow.check, other.check, quick.check];
    const { ask, gate } = probing(checks, { room: { all: 2, ofOne: 1 } });
    const stuck = [ask('slow'), ask('other')];
    await settled();
    expect([gate.running, gate.waiting]).toEqual([1, 1]);
    const elsewhere = await ask('quick', { region: region({ name: 'elsewhere' }) });
    expect(elsewhere.result.state).toBe('ok');
    slow.ends[0]?.();
    await settled();
    other.ends[0]?.();
    await Promise.all(stuck);
    expect(gate.running).toBe(0);
  });
});
