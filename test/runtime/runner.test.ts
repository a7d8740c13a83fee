import { beforeEach, expect, it } from 'vitest';
import type { Check, CheckContext } from '../../src/core/check.ts';
import type { MonitorEvent } from '../../src/core/event.ts';
import { observe } from '../../src/core/metric.ts';
import { remember } from '../../src/core/check.ts';
import { Bus } from '../../src/runtime/bus.ts';
import { Latest } from '../../src/runtime/latest.ts';
import { Runner } from '../../src/runtime/runner.ts';
import { testCheck, tooHigh, value } from '../support/checks.ts';
import { FakeClock } from '../support/clock.ts';
import { deferred } from '../support/deferred.ts';
import { region } from '../support/region.ts';
import { FakeWorld } from '../support/world.ts';

let bus: Bus;
let events: MonitorEvent[];
let runner: Runner;

const start = (...checks: Check[]): void => {
  bus = new Bus((error) => {
    throw error;
  });
  events = [];
  for (const type of ['check.completed', 'check.overlapped'] as const)
    bus.on(type, (event) => events.push(event));
  runner = new Runner(checks, bus, new Latest(), {
    clock: new FakeClock(),
    world: new FakeWorld(),
    signal: new AbortController().signal,
  });
};

const request = (check: Check): void => {
  bus.publish({ type: 'check.requested', check, region: region(), trigger: 'cron' });
};

/** Resolves when `count` runs have completed. */
const completed = (count: number): Promise<void> => {
  const { promise, resolve } = deferred();
  const look = (): void => {
    if (events.filter(({ type }) => type === 'check.completed').length >= count) resolve();
  };
  bus.on('check.completed', look);
  look();
  return promise;
};

const triggers = (): string[] =>
  events.flatMap((event) =>
    event.type === 'check.completed' ? [`${event.result.check} ${event.result.trigger}`] : [],
  );

beforeEach(() => {
  events = [];
});

it('runs what is requested and tells what it came to', async () => {
  const check = testCheck();
  start(check);
  request(check);
  await completed(1);
  expect(events[0]).toMatchObject({
    type: 'check.completed',
    result: { state: 'ok' },
    before: undefined,
  });
});

it('drops a request while the run before still goes on', async () => {
  const gate = deferred();
  const check = testCheck({
    run: async () => {
      await gate.promise;
      return [observe(value, 1, { node: 'rc1' })];
    },
  });
  start(check);
  request(check);
  request(check);
  gate.resolve();
  await completed(1);
  await runner.stop();
  expect(events.map(({ type }) => type)).toEqual(['check.overlapped', 'check.completed']);
});

it('gives a check back what it remembered', async () => {
  const seen: unknown[] = [];
  const check = testCheck({
    run: async (_, { memory }: CheckContext) => {
      seen.push(memory);
      return [observe(value, 1, { node: 'rc1' }), remember(seen.length)];
    },
  });
  start(check);
  request(check);
  await completed(1);
  await Promise.resolve();
  request(check);
  await completed(2);
  expect(seen).toEqual([undefined, 1]);
});

it('lets a finding with a clear threshold stand through a run that saw nothing', async () => {
  const values = [99, undefined, 7];
  let round = -1;
  const check = testCheck({
    rules: [{ ...tooHigh, clear: { below: 5 } }],
    run: async () => {
      round += 1;
      const seen = values[round];
      if (seen === undefined) throw new Error('blind');
      return [observe(value, seen, { node: 'rc1' })];
    },
  });
  start(check);
  for (const count of [1, 2, 3]) {
    request(check);
    await completed(count);
    await Promise.resolve();
  }
  const states = events.map((event) =>
    event.type === 'check.completed' ? event.result.state : '',
  );
  expect(states).toEqual(['critical', 'unknown', 'critical']);
});

it('confirms a new finding by one more run at once, and only one', async () => {
  const check = testCheck({
    rules: [{ ...tooHigh, confirm: true }],
    run: async () => [observe(value, 99, { node: 'rc1' })],
  });
  start(check);
  request(check);
  await completed(2);
  await runner.stop();
  expect(triggers()).toEqual(['test cron', 'test followup']);
});

it('runs a derived check after what it needs, with its result', async () => {
  const base = testCheck();
  const derived = testCheck({
    name: 'derived',
    needs: ['test'],
    run: async (_, { needs }) => [
      observe(value, needs['test']?.observations[0]?.value ?? -1, { node: 'from test' }),
    ],
  });
  start(base, derived);
  request(base);
  await completed(2);
  expect(triggers()).toEqual(['test cron', 'derived event']);
  expect(events[1]).toMatchObject({ result: { observations: [{ value: 1 }] } });
});

it('says nothing of a run that the monitor’s own end cut short', async () => {
  const check = testCheck({ run: () => new Promise(() => {}) });
  const life = new AbortController();
  start(check);
  await runner.stop();
  runner = new Runner([check], bus, new Latest(), {
    clock: new FakeClock(),
    world: new FakeWorld(),
    signal: life.signal,
  });
  request(check);
  life.abort();
  await runner.stop();
  expect(events).toEqual([]);
});

it('starts nothing after it was stopped', async () => {
  const check = testCheck();
  start(check);
  await runner.stop();
  request(check);
  expect(events).toEqual([]);
});
