import type { Check, CheckContext } from '../../src/core/check.ts';
import { remember } from '../../src/core/check.ts';
import { observe } from '../../src/core/metric.ts';
import { Gate, type Room } from '../../src/runtime/gate.ts';
import { Latest } from '../../src/runtime/latest.ts';
import { Prober, type Asked } from '../../src/runtime/prober.ts';
import { testCheck, value } from './checks.ts';
import { FakeClock } from './clock.ts';
import { deferred } from './deferred.ts';
import { region } from './region.ts';
import { FakeWorld } from './world.ts';

interface Setting {
  readonly room?: Room;
  /** Whether results are kept, as in the mode without state. */
  readonly keeps?: boolean;
}

/** A prober with a clock that stands still, and what asks it about its checks on a region. */
export function probing(
  checks: readonly Check[],
  { room = { all: 10, ofOne: 10 }, keeps = true }: Setting = {},
) {
  const clock = new FakeClock();
  const life = new AbortController();
  const latest = new Latest();
  const gate = new Gate(room);
  const prober = new Prober({
    checks,
    latest,
    gate,
    means: { clock, world: new FakeWorld(), signal: life.signal },
    ...(keeps && {
      keep: (result) => {
        latest.put(result);
      },
    }),
  });
  const ask = (name = 'test', more: Partial<Asked> = {}) => {
    const check = checks.find((each) => each.name === name);
    if (check === undefined) throw new Error(`no ${name}`);
    return prober.answer({ check, region: region(), ...more });
  };
  return { ask, clock, gate, latest, life, prober };
}

/** A check that counts its runs, and tells what it was given. */
export function counting(changes: Partial<Check> = {}) {
  const given: CheckContext[] = [];
  const check = testCheck({
    run: async (_, context) => {
      given.push(context);
      return [observe(value, given.length, { node: 'rc1' }), remember(given.length)];
    },
    ...changes,
  });
  return { check, given };
}

/** A check whose runs end when they are told to. */
export function held(changes: Partial<Check> = {}) {
  const ends: (() => void)[] = [];
  const check = testCheck({
    run: async () => {
      const end = deferred();
      ends.push(end.resolve);
      await end.promise;
      return [observe(value, 1, { node: 'rc1' })];
    },
    ...changes,
  });
  return { check, ends };
}

/** Lets everything go on that waits for nothing outside. */
export const settled = (): Promise<void> => new Promise(setImmediate);
