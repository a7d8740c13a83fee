import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { Check } from '../../src/core/check.ts';
import { observe } from '../../src/core/metric.ts';
import { artifacts } from '../../src/generate/artifacts.ts';
import { declaredBy } from '../../src/generate/declared.ts';
import { scrape } from '../../src/generate/prometheus/scrape.ts';
import { systemClock } from '../../src/io/clock.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { isOfMonitor, plan } from '../../src/runtime/plan.ts';
import { ProbeServer } from '../../src/runtime/probe-server.ts';
import { longestInterval } from '../../src/runtime/schedule.ts';
import { testCheck } from '../support/checks.ts';
import { noPrometheus, startPrometheus, type Prometheus } from '../support/prometheus.ts';
import { region } from '../support/region.ts';
import { FakeWorld } from '../support/world.ts';

/* The generated configurations as Prometheus takes them, and probes as it schedules them. */

const why = noPrometheus();
const catalogue = await loadChecks();
const SETTINGS = { publicUrl: 'http://127.0.0.1:9877', grafanaUrl: 'http://grafana' };
const folder = mkdtempSync(join(tmpdir(), 'maasha-scrape-'));
const servers: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0).toReversed()) await server.stop();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const PATIENTLY = { timeout: 60_000, interval: 100 };

/** An instance that only probes these checks on these regions; its address. */
async function instance(checks: readonly Check[], names: readonly string[]): Promise<string> {
  const server = new ProbeServer({
    version: '0.0.0',
    checks,
    clock: systemClock,
    world: new FakeWorld(),
    onError: (error) => {
      throw error;
    },
  });
  servers.push(server);
  const url = await server.start({
    file: 'maasha.yaml',
    listen: { host: '127.0.0.1', port: 0 },
    regions: names.map((name) => region({ name })),
    checks: {},
  });
  return new URL(url).host;
}

/** A Prometheus with one of the generated configurations for these checks, asking that instance. */
async function prometheus(
  name: string,
  address: string,
  checks: readonly Check[],
  change = (text: string): string => text,
): Promise<Prometheus> {
  const made = await scrape(declaredBy(checks), SETTINGS);
  const text = made.find(({ path }) => basename(path) === name)?.text ?? '';
  const started = await startPrometheus({
    // Both instances are the one: Prometheus knows the target twice and asks it once.
    config: change(text.replaceAll(/maasha-[12]:9877/g, address)),
  });
  servers.push(started);
  return started;
}

interface Scraped {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError: string;
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

/** The probes of a Prometheus, by region and check. */
async function probes(of: Prometheus): Promise<ReadonlyMap<string, Scraped>> {
  const { body } = await of.ask('/api/v1/targets?state=active');
  const { data } = JSON.parse(body) as { data: { activeTargets: Scraped[] } };
  const found = data.activeTargets.filter(({ labels }) => labels['job'] === 'maasha-probe');
  return new Map(found.map((each) => [`${each.labels['region']} ${each.labels['check']}`, each]));
}

/** Resolves with the probes when there are so many, and all are up. */
const untilUp = (of: Prometheus, count: number): Promise<ReadonlyMap<string, Scraped>> =>
  vi.waitFor(async () => {
    const found = await probes(of);
    expect(found.size).toBe(count);
    expect([...found.values()].map(({ health, lastError }) => `${health} ${lastError}`)).toEqual(
      Array<string>(count).fill('up '),
    );
    return found;
  }, PATIENTLY);

/** Checks that Prometheus has scraped within seconds. */
const quick = [
  testCheck({ name: 'fast', every: '1s' }),
  testCheck({ name: 'slow', every: '3s', metrics: [], rules: [], run: async () => [] }),
];

/** Seconds, of a duration as Prometheus tells it. */
const inSeconds = (text = ''): number =>
  [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) =>
      sum + Number(count) * ({ ms: 0.001, s: 1, m: 60, h: 3600 }[unit ?? ''] ?? 0),
    0,
  );

describe.skipIf(why !== undefined)(`Prometheus${why === undefined ? '' : ` (${why})`}`, () => {
  it('accepts every generated configuration, with the rules that it names', async () => {
    const made = await artifacts(['scrape', 'rules', 'alertmanager']);
    for (const { path, text } of made) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const files = made.map(({ path }) => path).filter((path) => /\/prometheus[^/]*$/.test(path));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', ...files], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(files).toHaveLength(4);
    expect(stdout.match(/SUCCESS: \S+ is valid prometheus config/g)).toHaveLength(4);
  });

  it('finds every check of every region at /sd, each at its own interval', async () => {
    const idle = catalogue.map((check) => ({ ...check, run: async () => [] }));
    const names = ['maas3', 'maas4', 'maas5'];
    const address = await instance(idle, names);
    const running = await prometheus('prometheus-probe.yml', address, catalogue);
    const regions = names.map((name) => region({ name }));
    const planned = plan(catalogue, regions).filter(({ check }) => !isOfMonitor(check));
    const found = await vi.waitFor(async () => {
      const targets = await probes(running);
      expect(targets.size).toBe(planned.length);
      return targets;
    }, PATIENTLY);
    for (const { check, region: at } of planned) {
      const target = found.get(`${at.name} ${check.name}`);
      expect(inSeconds(target?.scrapeInterval), check.name).toBe(longestInterval(check.every));
      expect(inSeconds(target?.scrapeTimeout)).toBeLessThanOrEqual(longestInterval(check.every));
      expect(inSeconds(target?.scrapeTimeout)).toBeGreaterThan(check.timeout);
    }
  });

  it('has what probes see under the region and the check that were asked for', async () => {
    const address = await instance(quick, ['maas3', 'maas4']);
    const running = await prometheus('prometheus-probe.yml', address, quick);
    await untilUp(running, 4);
    const seen = await running.query('maasha_test_value');
    expect(seen.map(({ labels }) => labels)).toEqual(
      expect.arrayContaining([
        {
          __name__: 'maasha_test_value',
          instance: address,
          job: 'maasha-probe',
          region: 'maas3',
          check: 'fast',
          node: 'rc1',
        },
      ]),
    );
    expect(await running.query('probe_success{check="fast"} == 1')).toHaveLength(2);
    expect(await running.query('maasha_check_gaps{region="maas4",check="fast"}')).toHaveLength(1);
  });

  it('asks each region from one of two shards, and from that one all of it', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `maas${index}`);
    const address = await instance(quick, names);
    const shards = await Promise.all(
      ['0', '1'].map((shard) =>
        prometheus('prometheus-shard.yml', address, quick, (text) =>
          text.replace('regex: "0"', `regex: "${shard}"`),
        ),
      ),
    );
    const found = await vi.waitFor(async () => {
      const each = await Promise.all(shards.map(probes));
      expect(each.reduce((sum, { size }) => sum + size, 0)).toBe(24);
      return each.map((targets) => [...targets.keys()]);
    }, PATIENTLY);
    expect(new Set(found.flat()).size).toBe(24);
    const regions = found.map((keys) => new Set(keys.map((key) => key.split(' ')[0])));
    expect(regions.every(({ size }) => size > 0)).toBe(true);
    expect(regions.reduce((sum, { size }) => sum + size, 0)).toBe(12);
  });

  it('asks a fixed list with the relabelling of blackbox_exporter’s users', async () => {
    const address = await instance(quick, ['maas3', 'maas4']);
    const running = await prometheus('prometheus-static.yml', address, quick);
    const found = await untilUp(running, 4);
    const target = found.get('maas4 fast');
    expect(target?.labels).toMatchObject({ instance: 'maas4', job: 'maasha-probe' });
    expect(target?.scrapeInterval).toBe('1s');
    expect(await running.query('probe_success{instance="maas3"}')).not.toEqual([]);
  });

  it('drops what tells replicas apart from the alerts that it sends', async () => {
    const made = await scrape(declaredBy(catalogue), SETTINGS);
    for (const { path, text } of made) {
      const external = /external_labels:\n((?: {4}\S+: \S+\n)+)/.exec(text)?.[1] ?? '';
      const labels = [...external.matchAll(/ (\w+):/g)].map(([, label]) => label);
      if (labels.length === 0) continue;
      expect(text, path).toContain(`regex: ${labels.join('|')}\n      action: labeldrop`);
    }
  });
});

describe.skipIf(why !== undefined)('promtool', () => {
  const check = (body: string) =>
    spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });

  it('finds nothing wrong with a probe, nor with the metrics of an instance that only probes', async () => {
    const vip = catalogue.find(({ name }) => name === 'vip');
    const [roundTrip] = vip?.metrics.filter(({ name }) => name.includes('round_trip')) ?? [];
    if (vip === undefined || roundTrip === undefined) throw new Error('no round trip');
    const echoed = {
      ...vip,
      run: async () => [observe(roundTrip, 0.002, { stat: 'mean' })],
    };
    const address = await instance([echoed, testCheck()], ['maas3']);
    const get = async (path: string): Promise<string> =>
      (await fetch(`http://${address}${path}`)).text();
    const probe = await get('/probe?region=maas3&check=vip&debug=true');
    expect(probe).toContain('probe_icmp_duration_seconds{phase="rtt"} 0.002');
    for (const body of [probe, await get('/metrics')]) {
      const { stdout, stderr } = check(body);
      expect(stdout + stderr).toBe('');
    }
  });
});
