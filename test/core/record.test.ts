import { expect, it } from 'vitest';
import { doesNotApply, evidence, gap } from '../../src/core/check.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import { observe } from '../../src/core/metric.ts';
import { readRecord, RecordError, resultRecord } from '../../src/core/record.ts';
import { summarise } from '../../src/core/result.ts';
import { instant, seconds } from '../../src/core/time.ts';
import { testCheck, tooHigh, value } from '../support/checks.ts';
import { result } from '../support/results.ts';

const AT = instant(1_795_430_000_123);
const check = testCheck();
const nothingBefore = () => undefined;
const full = result('test', [], {
  startedAt: AT,
  took: seconds(0.25),
  ...summarise(
    check,
    [
      observe(value, 11, { node: 'rc1' }),
      doesNotApply(value, { node: 'rc2' }),
      evidence('rc1', 'it has 11'),
      gap('rc3', new CheckFailure('timeout', 'no answer')),
    ],
    [],
  ),
});
const line = (about = full): string => JSON.stringify(resultRecord(about, AT, AT));

it('gives back all that was seen', () => {
  const read = readRecord(line(), [check], nothingBefore);
  expect(read?.at).toBe(AT);
  expect(read?.result).toMatchObject({
    check: 'test',
    region: 'maas3',
    startedAt: AT,
    took: 0.25,
    observations: full.observations,
    inapplicable: full.inapplicable,
    evidence: full.evidence,
    findings: full.findings,
  });
  expect(read?.result.gaps[0]?.failure).toMatchObject({ code: 'timeout', message: 'no answer' });
});

it('judges what was seen then by the rules of today', () => {
  const patient = testCheck({ rules: [{ ...tooHigh, when: { above: 100 } }] });
  expect(readRecord(line(), [patient], nothingBefore)?.result.findings).toEqual([]);
});

it('keeps a run that came to nothing as one', () => {
  const failed = result('test', [], {
    state: 'unknown',
    failure: new CheckFailure('timeout', 'not finished'),
  });
  expect(readRecord(line(failed), [check], nothingBefore)?.result).toMatchObject({
    state: 'unknown',
    findings: [],
    failure: { code: 'timeout' },
  });
});

it('passes over what is no result, and checks that are gone', () => {
  expect(readRecord('{"record":"note"}', [check], nothingBefore)).toBeUndefined();
  expect(readRecord(line(), [], nothingBefore)).toBeUndefined();
});

it.each([
  ['no JSON', 'hello', /JSON object/],
  ['an array', '[1]', /JSON object/],
  ['a newer version', line().replace('"v":1', '"v":2'), /found version 2, expected 1/],
  ['no region', line().replace('"region":"maas3"', '"region":3'), /region: expected text/],
  ['no time', line().replace(/"startedAt":"[^"]*"/, '"startedAt":"soon"'), /startedAt/],
])('refuses %s and says what is wrong', (_, text, expected) => {
  expect(() => readRecord(text, [check], nothingBefore)).toThrow(RecordError);
  expect(() => readRecord(text, [check], nothingBefore)).toThrow(expected);
});
