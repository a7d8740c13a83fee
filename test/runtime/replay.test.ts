import { expect, it } from 'vitest';
import { observe } from '../../src/core/metric.ts';
import { resultRecord } from '../../src/core/record.ts';
import { summarise } from '../../src/core/result.ts';
import { instant, isoTime, seconds, type Instant } from '../../src/core/time.ts';
import { replay } from '../../src/runtime/replay.ts';
import { channel, config, Recording } from '../support/alerting.ts';
import { testCheck, tooHigh, value } from '../support/checks.ts';
import { result } from '../support/results.ts';

const START = 1_795_430_000_000;
const check = testCheck();

/** A recording of one look every ten seconds, of these values. */
const recording = (values: readonly number[]): readonly string[] =>
  values.map((each, index) => {
    const at = instant(START + index * 10_000);
    const notes = [observe(value, each, { node: 'rc1' })];
    const seen = result('test', [], {
      startedAt: at,
      took: seconds(0),
      ...summarise(check, notes, []),
    });
    return JSON.stringify(resultRecord(seen, at, at));
  });

async function replayed(lines: readonly string[], checks = [check]) {
  const told: string[] = [];
  const recorder = new Recording();
  const outcome = await replay(lines, config([channel('slack')]), checks, [recorder.notifier], {
    tell: (line, at: Instant) => told.push(`${isoTime(at)} ${line}`),
  });
  expect(recorder.told).toEqual([]);
  return { told, outcome };
}

const bad = Array<number>(6).fill(11);
const good = Array<number>(12).fill(1);

it('tells what would have been sent, to whom and when, and sends nothing', async () => {
  const { told, outcome } = await replayed(recording([1, ...bad, ...good]));
  expect(told.map((line) => line.replace(/^\S+ /, ''))).toEqual([
    'would tell slack: open critical maas3 MaasHaTestTooHigh: rc1 has 11',
    'would tell slack: close critical maas3 MaasHaTestTooHigh: rc1 has 11',
  ]);
  // First seen bad after ten seconds, sent after five more in which causes and effects gather.
  expect(told[0]).toMatch(isoTime(instant(START + 15_000)).slice(0, 19));
  expect(outcome).toMatchObject({ results: 19, strange: 0 });
});

it('shows what another rule would have made of it', async () => {
  const other = testCheck({ rules: [{ ...tooHigh, when: { above: 50 } }] });
  expect((await replayed(recording([1, ...bad, ...good]), [other])).told).toEqual([]);
});

it('counts what is about something that is not configured, and goes on', async () => {
  const foreign = recording([11])[0]?.replace('maas3', 'maas9') ?? '';
  const { outcome } = await replayed([foreign, ...recording(good)]);
  expect(outcome).toMatchObject({ results: 12, strange: 1 });
});

it('names the line that it cannot read', async () => {
  await expect(replayed([...recording([1]), '{'])).rejects.toThrow(/^line 2: /);
  await expect(replayed([])).rejects.toThrow(/holds no result/);
});
