import { expect, it } from 'vitest';
import { observe } from '../../src/core/metric.ts';
import { instant, seconds } from '../../src/core/time.ts';
import { asOfNow } from '../../src/runtime/freshness.ts';
import { value } from '../support/checks.ts';
import { result as finished } from '../support/results.ts';

const result = finished('test', [observe(value, 1, { node: 'rc1' })], {
  startedAt: instant(1_000_000),
  took: seconds(1),
});
const at = (secondsLater: number) => instant(result.startedAt + secondsLater * 1000);

it('lets a result stand for its lifetime', () => {
  expect(asOfNow(result, at(31), seconds(30))).toBe(result);
});

it('makes of an older one unknown, without anything that it saw', () => {
  const old = asOfNow(result, at(32), seconds(30));
  expect(old).toMatchObject({ state: 'unknown', observations: [], failure: { code: 'timeout' } });
  expect(old.failure?.message).toBe('has not completed for 31s');
});
