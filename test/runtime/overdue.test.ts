import { expect, it } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { Bus } from '../../src/runtime/bus.ts';
import { invoke } from '../../src/runtime/invoke.ts';
import { OverdueWatch } from '../../src/runtime/overdue.ts';
import { testCheck } from '../support/checks.ts';
import { FakeClock } from '../support/clock.ts';
import { region } from '../support/region.ts';
import { FakeWorld } from '../support/world.ts';

const setUp = () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const bus = new Bus(() => {});
  bus.on('check.overdue', ({ check }) => told.push(check));
  const check = testCheck({ timeout: seconds(5) });
  const planned = [
    { check, region: region() },
    { check: testCheck({ name: 'derived', needs: ['test'] }), region: region() },
  ];
  const watch = new OverdueWatch(planned, () => seconds(10), bus, clock);
  const complete = async (): Promise<void> => {
    const means = { clock, world: new FakeWorld(), signal: new AbortController().signal };
    const result = await invoke(check, region(), { trigger: 'cron' }, means);
    bus.publish({ type: 'check.completed', result, before: undefined });
  };
  return { clock, told, watch, complete };
};

it('is patient for two intervals and a deadline, then tells once', () => {
  const { clock, told, watch } = setUp();
  clock.advance(25);
  expect(told).toEqual([]);
  clock.advance(30);
  expect(told).toEqual(['test']);
  expect(watch.overdue()).toMatchObject([{ check: 'test', region: 'maas3' }]);
});

it('is content again as soon as the check completes', async () => {
  const { clock, watch, complete } = setUp();
  clock.advance(30);
  await complete();
  expect(watch.overdue()).toEqual([]);
  clock.advance(25);
  expect(watch.overdue()).toEqual([]);
});

it('knows how long ago it last looked, and leaves no timer when stopped', () => {
  const { clock, watch } = setUp();
  clock.advance(3.5);
  expect(watch.idle).toBe(0.5);
  watch.stop();
  expect(clock.pending).toBe(0);
});
