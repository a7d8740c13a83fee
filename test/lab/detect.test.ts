import { expect, it } from 'vitest';
import type { Transition } from '../../alerts/transition.ts';
import { detectedIn } from './detect.ts';

const step = (rule: string, kind: Transition['kind'], at: number): Transition =>
  ({ rule, kind, at }) as never;

it('counts from the fault to the first look that saw it, and to the alert', () => {
  const steps = [step('A', 'pend', 11_500), step('A', 'fire', 41_000), step('B', 'pend', 12_000)];
  expect(detectedIn('f', ['A', 'B', 'C'], steps, 10_000)).toEqual([
    { fault: 'f', rule: 'A', seen: 1.5, fired: 31 },
    { fault: 'f', rule: 'B', seen: 2 },
  ]);
});

it('takes an alert that waits for nothing as seen when it fires', () => {
  expect(detectedIn('f', ['A'], [step('A', 'fire', 11_000)], 10_000)).toEqual([
    { fault: 'f', rule: 'A', seen: 1, fired: 1 },
  ]);
});

it('leaves out what was true before the fault', () => {
  const steps = [step('A', 'pend', 5_000), step('A', 'drop', 6_000), step('A', 'pend', 13_000)];
  expect(detectedIn('f', ['A'], steps, 10_000)).toEqual([{ fault: 'f', rule: 'A', seen: 3 }]);
});
