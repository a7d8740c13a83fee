import { expect, it } from 'vitest';
import type { CheckResult } from '../../../src/core/check.ts';
import { Ledger } from '../../../src/store/ledger.ts';
import { Bus } from '../../../src/runtime/bus.ts';
import { NOBODY_WATCHED, Past } from '../../../src/runtime/page/past.ts';
import { timelineOf } from '../../../src/runtime/page/timeline.ts';
import { FakeClock } from '../../support/clock.ts';
import { noPicture, sample, seen } from '../../support/page.ts';

async function stage() {
  const clock = new FakeClock();
  const ledger = await Ledger.open({ clock, onTrouble: () => undefined });
  let results: readonly CheckResult[] = seen();
  const bus = new Bus((error) => {
    throw error;
  });
  const open = () =>
    new Past({
      bus,
      clock,
      regions: () => ['maas3'],
      results: () => results,
      ledger: () => ledger,
      onError: (error) => {
        throw error;
      },
    });
  /** Timers' actions end in the next turn. */
  const wait = async (length: number): Promise<void> => {
    for (let second = 0; second < length; second += 1) {
      clock.advance(1);
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  const see = (next: readonly CheckResult[]): void => {
    results = next;
    for (const result of next) bus.publish({ type: 'check.completed', result, before: undefined });
  };
  return { clock, open, wait, see };
}

const DOWN = seen([sample('maasha_vip_up', 0)]);

it('keeps what changed and when, and nothing while nothing changes', async () => {
  const { open, wait, see } = await stage();
  const past = open();
  see(seen());
  await wait(20);
  see(DOWN);
  await wait(20);
  expect(past.of('maas3').state.map(({ is }) => is)).toEqual(['ok', 'down']);
  expect(past.of('maas3').vip.map(({ is }) => is)).toEqual(['rc1']);
  past.stop();
});

it('knows the day again after a restart, and that nobody watched in between', async () => {
  const { open, wait, see, clock } = await stage();
  const first = open();
  see(seen());
  await wait(5);
  first.stop();
  const ended = clock.now();
  await wait(300);
  const second = open();
  see(seen());
  await wait(5);
  const { state } = second.of('maas3');
  expect(state.map(({ is }) => is)).toEqual(['ok', NOBODY_WATCHED, 'ok']);
  expect(state[1]?.at).toBe(ended);
  const timeline = timelineOf('maas3', noPicture({ now: clock.now() }), [], second.of('maas3'));
  expect(timeline.lanes[0]?.spans.map(({ says }) => says)).toEqual(['ok', 'ok']);
  second.stop();
});

it('forgets what is older than a day, but for how the day began', async () => {
  const { open, wait, see, clock } = await stage();
  const past = open();
  see(seen());
  await wait(2);
  see(DOWN);
  await wait(2);
  clock.advance(86_400);
  see(seen());
  await wait(2);
  expect(past.of('maas3').state.map(({ is }) => is)).toEqual(['down', 'ok']);
  past.stop();
});

it('tells a takeover, and does not take a time in which nothing was known for one', async () => {
  const { open, wait, see, clock } = await stage();
  const past = open();
  see(seen());
  await wait(2);
  see([]);
  await wait(20);
  see(
    seen([
      sample('maasha_vip_owner', 0, { node: 'rc1' }),
      sample('maasha_vip_owner', 1, { node: 'rc2' }),
    ]),
  );
  await wait(2);
  const { happenings } = timelineOf('maas3', noPicture({ now: clock.now() }), [], past.of('maas3'));
  expect(happenings.map(({ says }) => says)).toEqual(['The virtual address: rc1 → rc2']);
  past.stop();
});
