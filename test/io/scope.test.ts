import { beforeEach, describe, expect, it } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import { seconds } from '../../src/core/time.ts';
import { bounded, Scope, socketFailure } from '../../src/io/scope.ts';
import { FakeClock } from '../support/clock.ts';

let clock: FakeClock;
let life: AbortController;
let scope: Scope;
beforeEach(() => {
  clock = new FakeClock();
  life = new AbortController();
  scope = new Scope(clock, life.signal);
});

/** An exchange that never ends by itself, and what its undoing was told. */
const hanging = () => {
  const undone: boolean[] = [];
  const result = bounded<string>(
    scope,
    seconds(2),
    'asking',
    () => (answered) => undone.push(answered),
  );
  return { result, undone };
};

describe('bounded', () => {
  it('ends with the answer, and leaves no timer', async () => {
    const undone: boolean[] = [];
    const answer = await bounded<string>(scope, seconds(2), 'asking', ({ resolve }) => {
      resolve('hello');
      return (answered) => undone.push(answered);
    });
    expect(answer).toBe('hello');
    expect(undone).toEqual([true]);
    expect(clock.pending).toBe(0);
  });

  it('ends at its time-out, and says what it waited for', async () => {
    const { result, undone } = hanging();
    clock.advance(2);
    await expect(result).rejects.toMatchObject({
      code: 'timeout',
      message: 'asking: no answer within 2s',
    });
    expect(undone).toEqual([false]);
  });

  it('ends with the run’s deadline, and with its reason', async () => {
    const { result, undone } = hanging();
    life.abort(new CheckFailure('timeout', 'not finished within 5s'));
    await expect(result).rejects.toThrow('not finished within 5s');
    expect(undone).toEqual([false]);
    expect(clock.pending).toBe(0);
  });

  it('ends as cancelled when the run leaves before it', async () => {
    const { result } = hanging();
    scope.leave();
    await expect(result).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('does not begin in a run that is over', async () => {
    life.abort(new CheckFailure('timeout', 'over'));
    const begun: string[] = [];
    const result = bounded(scope, seconds(2), 'asking', () => {
      begun.push('begun');
      return () => undefined;
    });
    await expect(result).rejects.toThrow('over');
    expect(begun).toEqual([]);
  });

  it('leaves no timer when it cannot even begin', async () => {
    const result = bounded(scope, seconds(2), 'asking', () => {
      throw new Error('no socket');
    });
    await expect(result).rejects.toMatchObject({ code: 'internal' });
    expect(clock.pending).toBe(0);
  });
});

it('lets go of what a run holds once, the newest first', () => {
  const released: string[] = [];
  scope.hold(() => released.push('first'));
  scope.hold(() => released.push('second'));
  scope.leave();
  life.abort();
  expect(released).toEqual(['second', 'first']);
});

it('lets go at once of what is held when the run is over already', () => {
  life.abort();
  const released: string[] = [];
  scope.hold(() => released.push('late'));
  expect(released).toEqual(['late']);
});

it.each([
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['ENOTFOUND', 'resolve'],
  ['EPERM', 'no_privilege'],
  ['ESOMETHING', 'protocol'],
])('a socket’s %s is %s', (code, expected) => {
  expect(socketFailure(Object.assign(new Error(code), { code }), 'asking').code).toBe(expected);
});
