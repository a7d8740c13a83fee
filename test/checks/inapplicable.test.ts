import { describe, expect, it, test } from 'vitest';
import { doesNotApply, evidence, gap, skip, type Note } from '../../src/core/check.ts';
import { resultJson } from '../../src/core/describe.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import { gauge, observe } from '../../src/core/metric.ts';
import { instant, seconds } from '../../src/core/time.ts';
import { summarise } from '../../src/core/result.ts';
import { asOfNow } from '../../src/runtime/freshness.ts';
import { invoke } from '../../src/runtime/invoke.ts';
import { testCheck, value } from '../support/checks.ts';
import { FakeClock } from '../support/clock.ts';
import { region } from '../support/region.ts';
import { result } from '../support/results.ts';
import { FakeWorld } from '../support/world.ts';

const gone = doesNotApply(value, { node: 'rc2' });
const other = gauge({ name: 'maasha_other', help: 'Other.', labels: [] });

const run = (notes: readonly Note[]) =>
  invoke(
    testCheck({ run: () => Promise.resolve(notes) }),
    region(),
    { trigger: 'cron' },
    { clock: new FakeClock(), world: new FakeWorld(), signal: new AbortController().signal },
  );

describe('what does not exist', () => {
  test.each<readonly [string, readonly Note[], string]>([
    ['beside health', [observe(value, 1, { node: 'rc1' }), gone], 'ok'],
    ['beside a finding', [observe(value, 11, { node: 'rc1' }), gone], 'critical'],
    ['beside a gap', [gap('rc1', new CheckFailure('auth', 'refused')), gone], 'unknown'],
    ['beside something skipped', [skip('rc1', 'config', 'not configured'), gone], 'skipped'],
    ['alone', [gone, evidence('rc2', 'is no member')], 'skipped'],
  ])('is neither good nor bad: %s', (_, notes, state) => {
    expect(summarise(testCheck(), notes, [])).toMatchObject({ state, inapplicable: [gone] });
  });

  it('is a defect of the check when the metric is not its own', async () => {
    const { failure, inapplicable } = await run([gone, doesNotApply(other, {})]);
    expect(failure).toMatchObject({ code: 'internal' });
    expect(failure?.message).toBe('test does not declare maasha_other');
    expect(inapplicable).toEqual([]);
  });

  it('is part of the result, and of its JSON', async () => {
    const found = await run([gone]);
    expect(found.inapplicable).toEqual([gone]);
    expect(resultJson(found).inapplicable).toEqual([
      { metric: 'maasha_test_value', labels: { node: 'rc2' } },
    ]);
  });

  it('is not known of a result that is history', () => {
    const old = result('test', [], { inapplicable: [gone] });
    expect(asOfNow(old, instant(60_000), seconds(30)).inapplicable).toEqual([]);
    expect(asOfNow(old, instant(20_000), seconds(30)).inapplicable).toEqual([gone]);
  });
});
