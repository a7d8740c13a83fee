import { beforeEach, describe, expect, it } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import { observe } from '../../src/core/metric.ts';
import { seconds } from '../../src/core/time.ts';
import { invoke } from '../../src/runtime/invoke.ts';
import { testCheck, value } from '../support/checks.ts';
import { FakeClock } from '../support/clock.ts';
import { deferred } from '../support/deferred.ts';
import { region } from '../support/region.ts';
import { FakeWorld } from '../support/world.ts';

let clock: FakeClock;
let world: FakeWorld;
let life: AbortController;
const means = () => ({ clock, world, signal: life.signal });

beforeEach(() => {
  clock = new FakeClock();
  world = new FakeWorld();
  life = new AbortController();
});

/** A check that never answers, and a promise of the moment at which it was called. */
function hanging() {
  const called = deferred<AbortSignal>();
  const check = testCheck({
    run: async (_, { signal }) => {
      called.resolve(signal);
      return new Promise(() => {});
    },
  });
  return { check, called: called.promise };
}

describe('invoke', () => {
  it('gives what the check saw, and how long it took', async () => {
    const check = testCheck({
      run: async () => {
        clock.advance(1.5);
        return [observe(value, 3, { node: 'rc1' })];
      },
    });
    const result = await invoke(check, region(), { trigger: 'cli' }, means());
    expect(result).toMatchObject({
      check: 'test',
      region: 'maas3',
      trigger: 'cli',
      state: 'ok',
      took: 1.5,
    });
  });

  it('ends at the check’s deadline even if the check goes on', async () => {
    const { check, called } = hanging();
    const running = invoke(check, region(), { trigger: 'cron' }, means());
    const signal = await called;
    clock.advance(5);
    const result = await running;
    expect(result).toMatchObject({ state: 'unknown', failure: { code: 'timeout' } });
    expect(signal.aborted).toBe(true);
  });

  it('ends at the caller’s limit where that is earlier', async () => {
    const { check, called } = hanging();
    const running = invoke(check, region(), { trigger: 'probe', limit: seconds(1) }, means());
    await called;
    clock.advance(1);
    expect((await running).failure?.code).toBe('timeout');
  });

  it('does not let a caller’s limit outlast the check’s deadline', async () => {
    const { check, called } = hanging();
    const running = invoke(check, region(), { trigger: 'probe', limit: seconds(60) }, means());
    await called;
    clock.advance(5);
    expect((await running).took).toBe(5);
  });

  it('ends as cancelled when the monitor stops', async () => {
    const { check, called } = hanging();
    const running = invoke(check, region(), { trigger: 'cron' }, means());
    await called;
    life.abort();
    expect((await running).failure?.code).toBe('cancelled');
  });

  it('does not start when the monitor has stopped already', async () => {
    life.abort();
    const result = await invoke(hanging().check, region(), { trigger: 'cron' }, means());
    expect(result.failure?.code).toBe('cancelled');
  });

  it('leaves the world, and leaves no timer, however the run ends', async () => {
    const failing = testCheck({ run: () => Promise.reject(new Error('oops')) });
    await invoke(failing, region(), { trigger: 'cron' }, means());
    await invoke(testCheck(), region(), { trigger: 'cron' }, means());
    const { check, called } = hanging();
    const running = invoke(check, region(), { trigger: 'cron' }, means());
    await called;
    clock.advance(5);
    await running;
    expect(world.inside).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('reports what a check throws as it is, and an unknown error as internal', async () => {
    const auth = testCheck({ run: () => Promise.reject(new CheckFailure('auth', 'no')) });
    const defect = testCheck({ run: () => Promise.reject(new TypeError('x is undefined')) });
    expect((await invoke(auth, region(), { trigger: 'cron' }, means())).failure?.code).toBe('auth');
    expect((await invoke(defect, region(), { trigger: 'cron' }, means())).failure).toMatchObject({
      code: 'internal',
      message: 'TypeError: x is undefined',
    });
  });

  it('keeps the memory of before when a run fails', async () => {
    const failing = testCheck({ run: () => Promise.reject(new Error('oops')) });
    const result = await invoke(failing, region(), { trigger: 'cron', memory: 'kept' }, means());
    expect(result.memory).toBe('kept');
  });
});
