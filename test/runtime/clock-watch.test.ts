import { expect, it, test } from 'vitest';
import { instant, seconds, type Clock } from '../../src/core/time.ts';
import { ClockWatch, jumpBetween } from '../../src/runtime/clock-watch.ts';
import { FakeClock } from '../support/clock.ts';

/** A clock whose wall time somebody sets. */
const setUp = () => {
  const fake = new FakeClock();
  const wall = { ahead: 0 };
  const clock: Clock = {
    now: () => instant(fake.now() + wall.ahead * 1000),
    steady: fake.steady,
    after: fake.after,
  };
  return { fake, wall, watch: new ClockWatch(clock) };
};

const at = (wall: number, steady: number) => ({
  wall: instant(wall * 1000),
  steady: instant(steady * 1000),
});

test.each([
  { wall: 1, steady: 1, by: undefined, why: 'both went on alike' },
  { wall: 6, steady: 1, by: undefined, why: 'five seconds are steered, not set' },
  { wall: 6.5, steady: 1, by: 5.5, why: 'it was set forwards' },
  { wall: -4.5, steady: 1, by: -5.5, why: 'it was set back' },
  { wall: 3601, steady: 1, by: 3600, why: 'an hour was added' },
  { wall: 60, steady: 60, by: undefined, why: 'the process stood still: no clock jumped' },
])('wall $wall s, steady $steady s: $why', ({ wall, steady, by }) => {
  expect(jumpBetween(at(0, 0), at(wall, steady))?.by).toBe(by);
});

it('sees no jump where there is none', () => {
  const { fake, watch } = setUp();
  fake.advance(3600);
  expect(watch.jumps()).toEqual([]);
});

it('notices a jump either way, and remembers each for ten minutes', () => {
  const { fake, wall, watch } = setUp();
  wall.ahead = 3600;
  fake.advance(60);
  wall.ahead = -3600;
  fake.advance(530);
  expect(watch.jumps().map(({ by }) => by)).toEqual([3600, -7200]);
  fake.advance(30);
  expect(watch.jumps().map(({ by }) => by)).toEqual([-7200]);
  fake.advance(600);
  expect(watch.jumps()).toEqual([]);
});

it('does not take a clock that is steered for one that jumps', () => {
  const { fake, wall, watch } = setUp();
  for (let second = 0; second < 60; second += 1) {
    wall.ahead += 0.5;
    fake.advance(1);
  }
  expect(watch.jumps()).toEqual([]);
});

it('leaves no timer when stopped', () => {
  const { fake, watch } = setUp();
  fake.advance(seconds(5));
  watch.stop();
  expect(fake.pending).toBe(0);
});
