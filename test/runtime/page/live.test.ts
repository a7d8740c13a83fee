import { expect, it } from 'vitest';
import { seconds } from '../../../src/core/time.ts';
import { Live, MOST_LISTENERS } from '../../../src/runtime/page/live.ts';
import { viewOf, type View } from '../../../src/runtime/page/view.ts';
import { Refused } from '../../../src/runtime/server.ts';
import { FakeClock } from '../../support/clock.ts';
import { sample, seen, sources } from '../../support/page.ts';

function stage() {
  const clock = new FakeClock();
  let results = seen();
  const live = new Live({
    clock,
    view: (region) => viewOf(sources({ results }), region),
    onError: (error) => {
      throw error;
    },
  });
  const open = (region?: string) => {
    const told: string[] = [];
    const gone = new AbortController();
    let ended = false;
    const query = new URLSearchParams(region === undefined ? {} : { region });
    live.open({ query, signal: gone.signal }).listen({
      send: (text) => told.push(text),
      end: () => {
        ended = true;
      },
    });
    const states = () => told.filter((text) => text.startsWith('event: state\n'));
    return {
      told,
      states,
      leave: () => {
        gone.abort();
      },
      ended: () => ended,
    };
  };
  return {
    clock,
    live,
    open,
    break: () => {
      results = seen([sample('maasha_vip_up', 0)]);
      live.touch();
    },
    hashes: (): View | undefined => viewOf(sources({ results }), undefined),
  };
}

it('says at once how things are, and again every five seconds', () => {
  const { clock, open } = stage();
  const { states } = open();
  expect(states()).toHaveLength(1);
  clock.advance(20);
  expect(states().length).toBeGreaterThanOrEqual(4);
  expect(states().length).toBeLessThanOrEqual(6);
});

it('tells what is new within a second, and a burst of it once', () => {
  const scene = stage();
  const { states } = scene.open();
  scene.clock.advance(2);
  const before = states().length;
  for (let change = 0; change < 100; change += 1) scene.break();
  scene.clock.advance(1);
  expect(states()).toHaveLength(before + 1);
  expect(states().at(-1)).not.toBe(states()[0]);
});

it('keeps what is idle open with a comment', () => {
  const { clock, open } = stage();
  const { told } = open();
  clock.advance(31);
  expect(told.filter((text) => text.startsWith(': ')).length).toBeGreaterThanOrEqual(2);
});

it('holds a limited number of connections, and has room again when one leaves', () => {
  const { open, live } = stage();
  const all = Array.from({ length: MOST_LISTENERS }, () => open());
  expect(() => open()).toThrow(Refused);
  all[0]?.leave();
  expect(live.count).toBe(MOST_LISTENERS - 1);
  open();
});

it('does nothing while nobody listens', () => {
  const { clock, open } = stage();
  open().leave();
  clock.advance(10);
  expect(clock.pending).toBe(0);
});

it('ends every stream when it is closed', () => {
  const { live, open, clock } = stage();
  const { ended } = open();
  live.close();
  expect([ended(), live.count, clock.pending]).toEqual([true, 0, 0]);
});

it('refuses a region that is not there', () => {
  expect(() => stage().open('none')).toThrow('no such region');
});

it('takes no more than its part of the time', () => {
  const clock = new FakeClock();
  let looks = 0;
  const live = new Live({
    clock,
    view: (region) => {
      looks += 1;
      if (looks > 1) clock.advance(0.5);
      return viewOf(sources(), region);
    },
    onError: () => undefined,
  });
  const gone = new AbortController();
  live
    .open({ query: new URLSearchParams(), signal: gone.signal })
    .listen({ send: () => undefined, end: () => undefined });
  const start = clock.now();
  while (clock.since(start) < seconds(60)) {
    live.touch();
    clock.advance(1);
  }
  expect(looks).toBeLessThanOrEqual(8);
});
