import { expect, it } from 'vitest';
import { observe } from '../../src/core/metric.ts';
import { Bus } from '../../src/runtime/bus.ts';
import { Recorder } from '../../src/runtime/recorder.ts';
import { value } from '../support/checks.ts';
import { FakeClock } from '../support/clock.ts';
import { result } from '../support/results.ts';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';

function recorder() {
  const bus = new Bus((error) => {
    throw error;
  });
  const seen = result('test', [observe(value, 1, { node: 'rc1' })]);
  const made = new Recorder(bus, new FakeClock(), {
    version: '1',
    results: () => [seen],
    alerts: () => [{ region: 'maas3', observation: observe(value, 2, { node: 'rc2' }) }],
    overdue: () => [{ region: 'maas3', check: 'late' }],
  });
  bus.publish({ type: 'check.completed', result: seen, before: undefined });
  bus.publish({ type: 'schedule.missed', checks: ['test'] });
  return made;
}

const numberOf = (page: string, series: string): number =>
  Number(
    page
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.split(' ')
      .at(-1),
  );

it('shows what was seen, what it counted and what stands, each family once', async () => {
  const { type, body } = await recorder().metrics();
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
  for (const line of [
    'maasha_test_value{region="maas3",node="rc1"} 1',
    'maasha_test_value{region="maas3",node="rc2"} 2',
    'maasha_check_state{region="maas3",check="test",state="ok"} 1',
    'maasha_check_runs_total{region="maas3",check="test",state="ok"} 1',
    'maasha_check_duration_seconds_bucket{le="+Inf",check="test"} 1',
    'maasha_check_overdue{region="maas3",check="late"} 1',
    'maasha_schedule_missed_total{check="test"} 1',
  ])
    expect(body.split('\n')).toContain(line);
  const families = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(new Set(families).size).toBe(families.length);
});

it('answers in OpenMetrics who asks for it: no blank line, the end marked, the same samples', async () => {
  const page = recorder();
  const { type, body } = await page.metrics(OPENMETRICS);
  expect(type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(body.endsWith('\n# EOF\n')).toBe(true);
  expect(body).not.toContain('\n\n');
  expect(body).toContain('# TYPE maasha_check_runs counter\n');
  const series = (text: string): string[] =>
    text.split('\n').flatMap((line) => (line.startsWith('#') ? [] : (line.split(' ')[0] ?? [])));
  const plain = (await page.metrics()).body;
  expect(series(body)).toEqual(series(plain));
  expect(plain).toContain('# TYPE maasha_check_runs_total counter\n');
});

it('says what the process costs, under the names that dashboards know', async () => {
  const { body } = await recorder().metrics();
  const cpu = numberOf(body, 'process_cpu_seconds_total');
  const parts =
    numberOf(body, 'process_cpu_user_seconds_total') +
    numberOf(body, 'process_cpu_system_seconds_total');
  expect(cpu).toBeGreaterThan(0);
  expect(Math.abs(cpu - parts)).toBeLessThan(1);
  expect(numberOf(body, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
  expect(numberOf(body, 'process_open_fds')).toBeGreaterThan(2);
  expect(numberOf(body, 'nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6);
  expect(numberOf(body, 'nodejs_eventloop_lag_seconds')).toBe(0);
  const started = numberOf(body, 'process_start_time_seconds');
  expect(started + process.uptime()).toBeCloseTo(new FakeClock().now() / 1000, -2);
});

it('counts a CPU second once, however often it is asked', async () => {
  const page = recorder();
  const before = process.cpuUsage();
  const bodies = [await page.metrics(), await page.metrics(), await page.metrics()];
  const after = process.cpuUsage();
  const told = bodies.map(({ body }) => numberOf(body, 'process_cpu_user_seconds_total'));
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told[0]).toBeGreaterThanOrEqual(before.user / 1e6 - 1e-9);
  expect(told[2]).toBeLessThanOrEqual(after.user / 1e6 + 1e-9);
});

it('tells a busy event loop from one that waits', async () => {
  const page = recorder();
  const active = 'nodejs_eventloop_time_seconds_total{state="active"}';
  const before = numberOf((await page.metrics()).body, active);
  const begun = process.hrtime.bigint();
  while (process.hrtime.bigint() - begun < 50_000_000n);
  const after = numberOf((await page.metrics()).body, active);
  expect(after - before).toBeGreaterThan(0.045);
});
