import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import monitorCheck from '../../checks/monitor.ts';
import { list } from '../../src/cli/list.ts';
import { prepare } from '../../src/cli/look.ts';
import { runbook } from '../../src/cli/runbook.ts';
import { crossProblems } from '../../src/config/cross.ts';
import type { Config } from '../../src/config/load.ts';
import type { Check, CheckResult } from '../../src/core/check.ts';
import { MONITOR } from '../../src/core/ports/monitor.ts';
import type { Region } from '../../src/core/region.ts';
import { seconds } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { allMetrics, loadChecks } from '../../src/runtime/catalogue.ts';
import { Bus } from '../../src/runtime/bus.ts';
import { Monitor } from '../../src/runtime/monitor.ts';
import { runTogether } from '../../src/runtime/once.ts';
import { OverdueWatch } from '../../src/runtime/overdue.ts';
import { plan, targetsOf, targetsOfRule } from '../../src/runtime/plan.ts';
import { watchedChecks, withFacts } from '../../src/runtime/self.ts';
import { testCheck, tooHigh } from '../support/checks.ts';
import { FakeClock } from '../support/clock.ts';
import { region } from '../support/region.ts';
import { FakeWorld } from '../support/world.ts';

const regions = [region(), region({ name: 'maas9' })];
const own = testCheck({
  name: 'own',
  scope: 'monitor',
  rules: [{ ...tooHigh, name: 'MaasHaOwn' }],
});
const names = (checks: readonly Check[]) =>
  plan(checks, regions).map((each) => `${each.check.name} on ${each.region.name}`);

describe('plan', () => {
  it('multiplies checks and regions, and the monitor is looked at once', () => {
    expect(names([testCheck(), own, testCheck({ name: 'second' })])).toEqual([
      'test on maas3',
      'second on maas3',
      'test on maas9',
      'second on maas9',
      'own on monitor',
    ]);
  });

  it('knows what a check, and what an alert, is about', () => {
    expect(targetsOf(testCheck(), regions)).toBe(regions);
    expect(targetsOf(own, regions)).toEqual([MONITOR]);
    expect(targetsOfRule('MaasHaOwn', [testCheck(), own], regions)).toEqual([MONITOR]);
    expect(targetsOfRule('MaasHaTestTooHigh', [testCheck(), own], regions)).toBe(regions);
    expect(targetsOfRule('MaasHaStrange', [own], regions)).toBe(regions);
  });
});

describe('a run without a service', () => {
  it('leaves out what is not for its target', async () => {
    const means = {
      clock: systemClock,
      world: new FakeWorld(),
      signal: new AbortController().signal,
    };
    const run = async (target: Region) =>
      (await runTogether([testCheck(), own], target, () => ({ trigger: 'cli' }), means)).map(
        ({ check }) => check,
      );
    expect(await run(region())).toEqual(['test']);
    expect(await run(MONITOR)).toEqual(['own']);
  });
});

it('every scheduled check is watched, and one that is overdue says for how long', () => {
  const clock = new FakeClock();
  const planned = plan([testCheck(), testCheck({ name: 'derived', needs: ['test'] })], [region()]);
  const watch = new OverdueWatch(planned, () => seconds(10), new Bus(() => {}), clock);
  expect(watchedChecks(planned, watch)).toEqual([{ check: 'test', region: 'maas3' }]);
  clock.advance(40);
  expect(watchedChecks(planned, watch)).toEqual([{ check: 'test', region: 'maas3', silent: 40 }]);
  watch.stop();
});

describe('the name of the monitor', () => {
  const known = { checks: [], scheduleProblem: () => undefined };

  it('is refused for a region', () => {
    const [problem, second] = crossProblems({ regions: [{ name: 'monitor' }] }, known);
    expect(problem).toMatchObject({ path: ['regions', 0, 'name'], found: '"monitor"' });
    expect(second).toBeUndefined();
  });
});

describe('the catalogue', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maasha-plan-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('refuses a check of a region that follows one of the monitor', async () => {
    for (const [name, fields] of [
      ['one', "scope: 'monitor'"],
      ['two', "needs: ['one']"],
    ] as const)
      writeFileSync(
        join(folder, `${name}.ts`),
        `export default { name: '${name}', about: '', every: '1s', timeout: 1, metrics: [], rules: [], ${fields}, run: async () => [] };`,
      );
    await expect(loadChecks(folder)).rejects.toThrow(
      'two needs one: one is of the monitor, the other of a region',
    );
  });

  it('has one check of the monitor', async () => {
    const checks = await loadChecks();
    expect(checks.filter(({ scope }) => scope === 'monitor').map(({ name }) => name)).toEqual([
      'monitor',
    ]);
    expect(() => allMetrics(checks)).not.toThrow();
  });
});

let running: Monitor | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const config = (changes: Partial<Config> = {}): Config => ({
  file: 'maasha.yaml',
  listen: { host: '127.0.0.1', port: 0 },
  regions,
  checks: {},
  ...changes,
});

/** A service of two regions, with every result that comes of it. */
async function service() {
  const results: CheckResult[] = [];
  const monitor = new Monitor({
    title: 'a test',
    version: '0.0.0',
    checks: [{ ...monitorCheck, every: '1h' }, testCheck({ every: '1h' })],
    clock: systemClock,
    world: new FakeWorld(),
    onError: (error) => {
      throw error;
    },
  });
  running = monitor;
  monitor.bus.on('check.completed', ({ result }) => results.push(result));
  const address = await monitor.start(config());
  const completed = (count: number): Promise<void> =>
    expect.poll(() => results.length, { interval: 5, timeout: 10_000 }).toBe(count);
  await completed(3);
  const get = async (path: string) => {
    const response = await fetch(`${address}${path}`);
    return { status: response.status, body: await response.text() };
  };
  return { monitor, results, get, completed };
}

describe('a service', () => {
  it('looks at itself once, whatever the number of regions, from its very first run', async () => {
    const { results } = await service();
    const found = results.filter(({ check }) => check === 'monitor');
    expect(found.map(({ region: where, state }) => [where, state])).toEqual([['monitor', 'ok']]);
    const seen = found[0]?.observations.filter(({ metric }) => metric.name.endsWith('_overdue'));
    expect(seen?.map(({ labels, value }) => [labels['watched'], value])).toEqual([
      ['maas3', 0],
      ['maas9', 0],
    ]);
  });

  it('is ready when it has looked at itself too, and shows that', async () => {
    const { get } = await service();
    expect((await get('/readyz')).body).toBe('ready\n');
    expect((await get('/metrics')).body).toContain(
      'maasha_monitor_check_overdue{region="monitor",check="test",watched="maas9"} 0',
    );
  });

  it('answers a probe of itself without a region', async () => {
    const { get } = await service();
    const { status, body } = await get('/probe?check=monitor');
    expect(status).toBe(200);
    expect(body).toContain('probe_success 1');
    expect((await get('/probe?check=monitor&region=monitor')).status).toBe(200);
    expect((await get('/probe?check=monitor&region=maas3')).body).toContain('there is monitor');
    expect((await get('/probe?check=test')).body).toContain('there is maas3, maas9');
  });

  it('serves the runbooks of its own alerts without a region', async () => {
    const { get } = await service();
    const { status, body } = await get('/runbooks/MaasHaMonitorConfigRejected');
    expect(status).toBe(200);
    expect(body).not.toContain('withheld');
    expect((await get('/runbooks/MaasHaVipUnreachable')).status).toBe(400);
  });

  it('serves the runbooks of what only Prometheus says, of a region and of the monitor', async () => {
    const { get } = await service();
    const at = async (region: string): Promise<number> =>
      (await get(`/runbooks/MaasHaMonitorDown?region=${region}`)).status;
    expect([await at('maas3'), await at('monitor'), await at('maas7')]).toEqual([200, 200, 400]);
  });

  it('takes Grafana’s “All” for no region', async () => {
    const { get } = await service();
    expect((await get('/runbooks/MaasHaMonitorConfigRejected?region=.*')).status).toBe(200);
  });

  it('says that a configuration was refused, until one is accepted', async () => {
    const { monitor, get } = await service();
    const problems = ['maasha.yaml:2:1: found nothing'];
    monitor.bus.publish({ type: 'config.loaded', accepted: false, problems });
    const { body } = await get('/probe?check=monitor&debug=true');
    expect(body).toContain('maasha_monitor_config_rejected{region="monitor"} 1');
    expect(body).toContain('maasha.yaml:2:1: found nothing');
    await monitor.reload(config());
    const after = await get('/probe?check=monitor');
    expect(after.body).toContain('maasha_monitor_config_rejected{region="monitor"} 0');
  });

  it('keeps what it knows of itself over a new configuration, and forgets regions', async () => {
    const { monitor, get, completed } = await service();
    await monitor.reload(config({ regions: [region()] }));
    await completed(5);
    const { body } = await get('/metrics');
    expect(body).toContain('region="monitor"');
    expect(body).not.toContain('watched="maas9"');
    expect(body).not.toContain('maasha_test_value{region="maas9"');
  });

  it('has eyes for itself in a world that otherwise stays as it is', async () => {
    const world = new FakeWorld();
    const facts = { checks: [], clock: { jumps: [] }, config: { rejected: false, problems: [] } };
    const seeing = withFacts(world, () => facts);
    const { ports, leave } = seeing.enter(new AbortController().signal);
    expect(ports.monitor.facts()).toBe(facts);
    expect(world.inside).toBe(1);
    leave();
    await seeing.close();
    expect([world.inside, world.closed]).toEqual([0, true]);
  });
});

describe('a one-off run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maasha-plan-cli-'));
  const file = join(folder, 'maasha.yaml');
  writeFileSync(
    file,
    `regions: [{ name: dead, vip: 127.31.98.39, maas_url: 'http://127.31.98.39:39999/', nodes: [{ name: rc1, address: 127.31.98.32 }] }]`,
  );
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('leaves the monitor out', async () => {
    const { names: looked } = await prepare([], { config: file });
    expect(looked).toContain('vip');
    expect(looked).not.toContain('monitor');
  });

  it('says where else to ask when it is named', async () => {
    await expect(prepare(['vip', 'monitor'], { config: file })).rejects.toThrow(
      'monitor looks at a service that runs, not at a region: ask it at /probe?check=monitor',
    );
  });

  it('lists it nevertheless', async () => {
    expect(await printed(() => list({ config: file }))).toMatch(
      /^monitor +every 10s, once per service/m,
    );
  });

  it.each([{}, { region: 'monitor' }])('prints its runbooks with %j', async (options) => {
    const text = await printed(() =>
      runbook('MaasHaMonitorStoreReplaced', { config: file, ...options }),
    );
    expect(text).toMatch(/^# MaasHaMonitorStoreReplaced\n/);
  });
});

/** What a command prints. */
async function printed(command: () => Promise<void>): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await command();
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}
