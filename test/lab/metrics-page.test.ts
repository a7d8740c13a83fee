import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { gauge, observe, observeState, stateset } from '../../src/core/metric.ts';
import { Bus } from '../../src/runtime/bus.ts';
import { Recorder } from '../../src/runtime/recorder.ts';
import { systemClock } from '../../src/io/clock.ts';
import { noPrometheus, startPrometheus, type Prometheus } from '../support/prometheus.ts';
import { result } from '../support/results.ts';

const missing = noPrometheus();
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

const odd = gauge({
  name: 'maasha_odd_value',
  help: 'A "quoted" help\\with a\nline feed and ’.',
  labels: ['node', 'path'],
});
const role = stateset({
  name: 'maasha_odd_role',
  help: 'A role.',
  labels: ['node'],
  states: ['up', 'down'],
});
const PATHS = ['/', 'C:\\temp', 'a "b"', 'line\nfeed', '日本', '', '{a="b"} 1'];
const VALUES = [0, 1, -2.5, NaN, Infinity, -Infinity, 1e300];

const bus = new Bus((error) => {
  throw error;
});
const seen = result('odd', [
  ...PATHS.map((path, at) => observe(odd, VALUES[at]!, { node: 'rc1', path })),
  ...observeState(role, 'up', { node: 'rc1' }),
]);
const recorder = new Recorder(bus, systemClock, {
  version: '1',
  results: () => [seen],
  overdue: () => [],
});
bus.publish({ type: 'check.completed', result: seen, before: undefined });

describe.skipIf(missing !== undefined)('the page of metrics', () => {
  let server: Server;
  let prometheus: Prometheus;
  /** The types that the two jobs were answered with. */
  const types = new Map<string, string>();

  beforeAll(async () => {
    // Prometheus 2.42 always asks for OpenMetrics first: this stands in for one that does not.
    server = createServer((request, response) => {
      const path = request.url ?? '';
      const accept = path === '/plain' ? 'text/plain;version=0.0.4' : request.headers.accept;
      void recorder.metrics(accept).then(({ type, body }) => {
        types.set(path, type);
        response.writeHead(200, { 'content-type': type }).end(body);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const targets = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
    const job = (name: string) => ({
      job_name: name,
      metrics_path: `/${name}`,
      scrape_interval: '1s',
      static_configs: [{ targets }],
    });
    prometheus = await startPrometheus({
      config: { scrape_configs: [job('plain'), job('negotiated')] },
    });
    await vi.waitFor(
      async () => {
        expect(await prometheus.query('up == 1')).toHaveLength(2);
      },
      { timeout: 60_000, interval: 200 },
    );
  });
  afterAll(async () => {
    await prometheus.stop();
    server.close();
  });

  it('is read by Prometheus without complaint, in OpenMetrics where it may choose', async () => {
    expect((await prometheus.targets()).map(({ lastError }) => lastError)).toEqual(['', '']);
    expect(types.get('/negotiated')).toContain('application/openmetrics-text');
    expect(types.get('/plain')).toContain('text/plain');
  });

  it('comes to the same series in both formats', async () => {
    const series = async (job: string): Promise<string[]> => {
      const all = await prometheus.query(
        `{job="${job}",__name__=~"maasha_.+|process_.+|nodejs_.+"}`,
      );
      return all.map(({ labels }) => JSON.stringify({ ...labels, job: '' })).sort();
    };
    const plain = await series('plain');
    expect(plain.length).toBeGreaterThan(40);
    expect(await series('negotiated')).toEqual(plain);
  });

  it.each(['plain', 'negotiated'])('arrives as it was seen, value by value (%s)', async (job) => {
    const stored = await prometheus.query(`maasha_odd_value{job="${job}"}`);
    const byPath = new Map(stored.map(({ labels, value }) => [labels['path'] ?? '', value]));
    expect(byPath).toEqual(new Map(PATHS.map((path, at) => [path, VALUES[at]])));
  });

  it('tells what a family is, in both formats', async () => {
    const { body } = await prometheus.ask('/api/v1/targets/metadata');
    const { data } = JSON.parse(body) as {
      data: { target: { job: string }; metric: string; type: string; help: string }[];
    };
    for (const job of ['plain', 'negotiated']) {
      const of = (name: string) =>
        data.find(({ target, metric }) => target.job === job && metric === name);
      expect(of('maasha_odd_value')).toMatchObject({ type: 'gauge', help: odd.help });
      expect(of('maasha_check_duration_seconds')).toMatchObject({ type: 'histogram' });
    }
  });

  it('has nothing that promtool finds fault with', async () => {
    const { body } = await recorder.metrics();
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: body,
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });
});
