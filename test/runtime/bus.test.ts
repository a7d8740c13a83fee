import { expect, it } from 'vitest';
import type { MonitorEvent } from '../../src/core/event.ts';
import { Bus } from '../../src/runtime/bus.ts';

const event: MonitorEvent = { type: 'check.overlapped', check: 'vip', region: 'maas3' };

it('delivers an event to those who asked for its type, in their order', () => {
  const seen: string[] = [];
  const bus = new Bus(() => {});
  bus.on('check.overlapped', ({ check }) => seen.push(`first ${check}`));
  bus.on('check.overlapped', ({ check }) => seen.push(`second ${check}`));
  bus.on('check.overdue', () => seen.push('wrong type'));
  bus.publish(event);
  expect(seen).toEqual(['first vip', 'second vip']);
});

it('isolates a handler that throws and reports it', () => {
  const errors: unknown[] = [];
  const seen: string[] = [];
  const bus = new Bus((error) => errors.push(error));
  bus.on('check.overlapped', () => {
    throw new Error('handler');
  });
  bus.on('check.overlapped', ({ check }) => seen.push(check));
  bus.publish(event);
  expect(seen).toEqual(['vip']);
  expect(errors).toHaveLength(1);
});

it('delivers nothing after the subscription was ended', () => {
  const seen: string[] = [];
  const bus = new Bus(() => {});
  const off = bus.on('check.overlapped', ({ check }) => seen.push(check));
  off();
  bus.publish(event);
  expect(seen).toEqual([]);
});
