import { afterEach, expect, it, test } from 'vitest';
import type { Config } from '../../src/config/load.ts';
import type { Check } from '../../src/core/check.ts';
import { observe } from '../../src/core/metric.ts';
import { seconds } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { Monitor } from '../../src/runtime/monitor.ts';
import { testCheck, value } from '../support/checks.ts';
import { deferred } from '../support/deferred.ts';
import { region } from '../support/region.ts';
import { FakeWorld } from '../support/world.ts';

const config = (changes: Partial<Config> = {}): Config => ({
  file: 'maasha.yaml',
  listen: { host: '127.0.0.1', port: 0 },
  regions: [region()],
  checks: {},
  ...changes,
});

let monitor: Monitor | undefined;
afterEach(async () => {
  await monitor?.stop();
});

/** A monitor that has completed its first round; its checks run once an hour after that. */
async function started(...checks: Check[]): Promise<string> {
  const all = checks.length > 0 ? checks : [testCheck({ every: '1h' })];
  monitor = new Monitor({
    title: 'a test',
    version: '0.0.0',
    checks: all,
    clock: systemClock,
    world: new FakeWorld(),
    onError: (error) => {
      throw error;
    },
  });
  const first = deferred();
  monitor.bus.on('check.completed', () => {
    first.resolve();
  });
  const address = await monitor.start(config());
  await first.promise;
  return address;
}

const get = async (url: string, headers = {}): Promise<{ status: number; body: string }> => {
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.text() };
};

it('shows what was seen, with the region, on /metrics', async () => {
  const { body } = await get(`${await started()}/metrics`);
  expect(body).toContain('maasha_test_value{region="maas3",node="rc1"} 1');
  expect(body).toContain('maasha_check_state{region="maas3",check="test",state="ok"} 1');
  expect(body).toContain('maasha_check_state{region="maas3",check="test",state="critical"} 0');
  expect(body).toContain('maasha_check_runs_total{region="maas3",check="test",state="ok"} 1');
  expect(body).toContain('maasha_config_last_reload_successful 1');
});

it('drops a series as soon as it is not observed any more', async () => {
  let nodes = ['rc1', 'rc2'];
  const check = testCheck({
    every: '1h',
    run: async () => nodes.map((node) => observe(value, 1, { node })),
  });
  const address = await started(check);
  nodes = ['rc1'];
  const second = deferred();
  monitor?.bus.on('check.completed', () => {
    second.resolve();
  });
  monitor?.bus.publish({ type: 'check.requested', check, region: region(), trigger: 'event' });
  await second.promise;
  const { body } = await get(`${address}/metrics`);
  expect(body).toContain('node="rc1"');
  expect(body).not.toContain('node="rc2"');
});

it('probes on demand with a registry of its own', async () => {
  const { status, body } = await get(`${await started()}/probe?check=test&region=maas3`);
  expect(status).toBe(200);
  expect(body).toContain('probe_success 1');
  expect(body).toContain('maasha_test_value{region="maas3",node="rc1"} 1');
  expect(body).not.toContain('process_cpu');
});

it('ends a probe before the scrape’s time-out', async () => {
  const hanging = testCheck({
    every: '1h',
    timeout: seconds(60),
    run: () => new Promise(() => {}),
  });
  monitor = undefined;
  const address = await started(testCheck({ name: 'quick', every: '1h' }), hanging);
  const { body } = await get(`${address}/probe?check=test&region=maas3&debug=true`, {
    'X-Prometheus-Scrape-Timeout-Seconds': '0.6',
  });
  expect(body).toContain('probe_success 0');
  expect(body).toContain('could not look: not finished within 100ms [timeout]');
});

test.each([
  ['/probe?check=nope&region=maas3', 400, 'there is test'],
  ['/probe?check=test&region=nope', 400, 'there is maas3'],
  ['/nothing', 404, '/metrics'],
  ['/healthz', 200, 'ok'],
  ['/readyz', 200, 'ready'],
  ['/', 200, 'maas3'],
  ['/status.json', 200, '"state": "ok"'],
])('%s answers %d', async (path, status, words) => {
  const answer = await get(`${await started()}${path}`);
  expect(answer.status).toBe(status);
  expect(answer.body).toContain(words);
});

it('answers nothing but GET and HEAD', async () => {
  const response = await fetch(`${await started()}/metrics`, { method: 'POST' });
  expect(response.status).toBe(405);
});

it('is not ready before every check has completed', async () => {
  const hanging = testCheck({ name: 'slow', every: '1h', run: () => new Promise(() => {}) });
  const { status, body } = await get(
    `${await started(testCheck({ every: '1h' }), hanging)}/readyz`,
  );
  expect(status).toBe(503);
  expect(body).toContain('waiting for slow on maas3');
});

it('forgets what a new configuration does not name', async () => {
  const address = await started();
  await monitor?.reload(config({ regions: [region({ name: 'other' })] }));
  const { body } = await get(`${address}/metrics`);
  expect(body).not.toContain('maasha_test_value{region="maas3"');
});

it('says that its address is taken instead of running unseen', async () => {
  const address = await started();
  const port = Number(new URL(address).port);
  const second = new Monitor({
    title: 'second',
    version: '0.0.0',
    checks: [testCheck()],
    clock: systemClock,
    world: new FakeWorld(),
    onError: () => {},
  });
  await expect(second.start(config({ listen: { host: '127.0.0.1', port } }))).rejects.toThrow(
    'EADDRINUSE',
  );
});
