import { expect, it } from 'vitest';
import { TimedLine } from '../../src/io/http-phases.ts';
import { FakeClock } from '../support/clock.ts';

it('gives each phase the time until the next one begins, and the last one that until now', () => {
  const clock = new FakeClock();
  const line = new TimedLine(clock);
  expect(line.phase).toBe('connect');
  clock.advance(1);
  line.phase = 'tls';
  clock.advance(2);
  line.phase = 'first byte';
  clock.advance(4);
  line.phase = 'body';
  clock.advance(8);
  expect(line.phase).toBe('body');
  expect(line.spent()).toEqual({ connect: 1, tls: 2, 'first byte': 4, body: 8 });
});

it('knows nothing of a phase that was not gone through', () => {
  const clock = new FakeClock();
  const line = new TimedLine(clock);
  clock.advance(3);
  line.phase = 'first byte';
  expect(line.spent()).toEqual({ connect: 3, 'first byte': 0 });
});
