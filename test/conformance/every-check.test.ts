import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Check, CheckResult } from '../../src/core/check.ts';
import { FAILURE_CODES } from '../../src/core/failure.ts';
import { labelKey } from '../../src/core/metric.ts';
import { MONITOR } from '../../src/core/ports/monitor.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { VERSION } from '../../src/core/version.ts';
import { allMetrics, loadChecks } from '../../src/runtime/catalogue.ts';
import { invoke } from '../../src/runtime/invoke.ts';
import { runTogether } from '../../src/runtime/once.ts';
import { longestInterval, scheduleProblem } from '../../src/runtime/schedule.ts';
import { RC1, RC2, secondRegion, VIP, wholeRegion } from '../checks/healthy-region.ts';
import { blindAt, failingPorts, healthyPorts } from '../checks/healthy.ts';
import { FakeClock } from '../support/clock.ts';
import { hangingPorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { FakeWorld } from '../support/world.ts';

const checks = await loadChecks();
const rules = checks.flatMap((check) => check.rules);

const [FIRST, SECOND] = [wholeRegion(), secondRegion()];

/** Where a check has something to look at: not every one exists in a region of MAAS 1.x. */
const homeOf = (check: Check): Region =>
  check.scope === 'monitor' ? MONITOR : check.absence?.(FIRST) === undefined ? FIRST : SECOND;

/** Runs all checks once and together, those of the monitor on the monitor, and gives the results by name. */
async function runAll(
  ports: Ports,
  memory: (check: Check) => unknown = () => undefined,
): Promise<Readonly<Record<string, CheckResult>>> {
  const means = {
    clock: new FakeClock(),
    world: new FakeWorld(ports),
    signal: new AbortController().signal,
  };
  const results = await Promise.all(
    [FIRST, SECOND, MONITOR].map((target) =>
      runTogether(
        checks.filter((check) => homeOf(check) === target),
        target,
        (check) => ({ trigger: 'cron', memory: memory(check) }),
        means,
      ),
    ),
  );
  return Object.fromEntries(results.flat().map((each) => [each.check, each]));
}

const stored = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

/** What was seen, without when and for how long. */
const seen = (result: CheckResult | undefined) =>
  result && { ...result, startedAt: undefined, took: undefined };

/** The value with one part of it, at any depth, replaced by something else: each way in which that can be. */
function* spoilt(value: unknown, by: unknown): Generator {
  yield by;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value))
    for (const other of spoilt(part, by))
      yield Array.isArray(value)
        ? value.map((each: unknown, index) => (String(index) === key ? other : each))
        : { ...value, [key]: other };
}

describe.each(checks.map((check) => [check.name, check] as const))('%s', (_, check) => {
  it('has a schedule that can be planned, and ends before its next run begins', () => {
    expect(scheduleProblem(check.every)).toBeUndefined();
    expect(check.timeout).toBeLessThan(longestInterval(check.every));
  });

  it('says in one sentence what it looks at', () => {
    expect(check.about).toMatch(/^[A-Z].*[.?]$/);
  });

  it.each(check.metrics.map((metric) => [metric.name, metric] as const))(
    '%s is declared as Prometheus wants it',
    (name, metric) => {
      expect(name).toMatch(/^maasha_[a-z0-9_]+$/);
      expect(metric.help).toMatch(/\.$/);
      expect(metric.help.length).toBeGreaterThan(20);
      expect(name.endsWith('_total')).toBe(metric.kind === 'counter');
      expect(name).not.toMatch(/_(ms|millis|minutes|percent|kb|mb)$/);
      for (const label of metric.labels) expect(label).toMatch(/^[a-z][a-z_]*$/);
      expect(metric.labels).not.toContain('region');
      expect(new Set(metric.labels).size).toBe(metric.labels.length);
    },
  );

  it.each(check.rules.map((rule) => [rule.name, rule] as const))(
    '%s speaks only of labels that exist',
    (name, rule) => {
      expect(name).toMatch(/^MaasHa[A-Z][A-Za-z]+$/);
      const said = [...rule.summary.matchAll(/\{(\w+)\}/g)].map(([, label]) => label);
      const known = new Set<string | undefined>([...rule.metric.labels, 'value']);
      for (const label of said) expect(known).toContain(label);
      for (const label of Object.keys(rule.where ?? {})) expect(known).toContain(label);
      expect(rule.summary).not.toMatch(/[.\s]$/);
      for (const { alert, on = {} } of rule.inhibitedBy ?? []) {
        const cause = rules.find((each) => each.name === alert);
        expect(cause, `${alert} is a rule`).toBeDefined();
        for (const [own, other] of Object.entries(on)) {
          expect(known).toContain(own);
          expect(cause?.metric.labels).toContain(other);
        }
      }
    },
  );

  it('comes to a result, and leaves nothing, when nothing ever answers', async () => {
    const clock = new FakeClock();
    const world = new FakeWorld(hangingPorts());
    const means = { clock, world, signal: new AbortController().signal };
    // Every section is there, so that no check may skip instead of looking.
    const running = invoke(check, wholeRegion(), { trigger: 'cli', needs: {} }, means);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(check.timeout);
    expect((await running).state).toBe('unknown');
    expect(world.inside).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('is skipped, and says why, where its part of the region is not configured', async () => {
    // A region always has these: an address, clusters to be told, pages.
    const everywhere = ['vip', 'cluster-controllers', 'region-active', 'region-app', 'redundancy'];
    if (everywhere.includes(check.name)) return;
    const { name, vip, generation, maasUrl, nodes, trustedServers, rpc } = region();
    const bare = { name, vip, generation, maasUrl, nodes, trustedServers, rpc, clusters: [] };
    const means = {
      clock: new FakeClock(),
      world: new FakeWorld(),
      signal: new AbortController().signal,
    };
    const result = await invoke(check, bare, { trigger: 'cli' }, means);
    expect(result.state).toBe('skipped');
    expect(result.skips[0]?.code).toBe('config');
  });
});

describe('memory', async () => {
  const first = await runAll(healthyPorts());
  const memoryOf = ({ name }: Check): unknown => first[name]?.memory;

  it.each(checks.map((check) => [check.name, check] as const))(
    'of %s means the same after it was stored',
    async (name, check) => {
      const memory = memoryOf(check);
      expect(stored(memory)).toEqual(memory);
      const [kept, loaded] = await Promise.all([
        runAll(healthyPorts(), memoryOf),
        runAll(healthyPorts(), (each) => stored(memoryOf(each))),
      ]);
      expect(loaded[name]?.failure).toBeUndefined();
      expect(seen(loaded[name])).toEqual(seen(kept[name]));
    },
  );

  it.each(checks.map((check) => [check.name, check] as const))(
    'of %s is absent where another version wrote it',
    async (name, check) => {
      const memory = stored(memoryOf(check));
      const others = [null, 7, -1e15, 'nonsense', [], {}, { value: [1] }].flatMap((by) => [
        ...spoilt(memory, by),
      ]);
      for (const other of others) {
        const found = (await runAll(healthyPorts(), () => other))[name];
        expect(found?.failure, JSON.stringify(other)).toBeUndefined();
        expect(found?.gaps, JSON.stringify(other)).toEqual([]);
        expect(() => JSON.stringify(found?.memory)).not.toThrow();
      }
    },
  );
});

describe('what does not exist', async () => {
  const healthy = await runAll(healthyPorts());

  it.each(checks.map((check) => [check.name, check] as const))(
    'is nothing that %s has just seen',
    (name, check) => {
      const result = healthy[name];
      expect(result?.state).toBe('ok');
      for (const { metric, labels } of result?.inapplicable ?? []) {
        expect(check.rules.map((rule) => rule.metric)).toContain(metric);
        for (const label of Object.keys(labels)) expect(metric.labels).toContain(label);
        const there = result?.observations.filter(
          (sample) =>
            sample.metric === metric &&
            labelKey({ ...sample.labels, ...labels }) === labelKey(sample.labels),
        );
        expect(there).toEqual([]);
      }
    },
  );

  it.each(FAILURE_CODES)('is nothing that could not be looked at: %s', async (code) => {
    const results = await runAll(failingPorts(code));
    for (const { check, inapplicable } of Object.values(results))
      expect(inapplicable, check).toEqual([]);
  });

  it.each([RC1, RC2, VIP].flatMap((host) => FAILURE_CODES.map((code) => [host, code] as const)))(
    'becomes no more when %s cannot be looked at: %s',
    async (host, code) => {
      const results = await runAll(blindAt(host, code));
      const told = (result: CheckResult | undefined): readonly string[] =>
        (result?.inapplicable ?? []).map(({ metric, labels }) => metric.name + labelKey(labels));
      for (const [name, result] of Object.entries(results))
        expect(told(healthy[name])).toEqual(expect.arrayContaining([...told(result)]));
    },
  );
});

it('no metric and no rule is declared twice', () => {
  expect(() => allMetrics(checks)).not.toThrow();
  const names = rules.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
});

it('what splits the region in two is never inhibited by anything but the monitor’s own isolation', () => {
  for (const name of ['MaasHaTwoPrimaries', 'MaasHaWatchdogTwoLeaders', 'MaasHaVipDuplicate']) {
    const rule = rules.find((each) => each.name === name);
    expect(rule).toMatchObject({ severity: 'critical', for: 0, confirm: true });
    expect(
      (rule?.inhibitedBy ?? []).filter(({ alert }) => alert !== 'MaasHaMonitorIsolated'),
    ).toEqual([]);
  }
});

it('the version is that of package.json', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(VERSION).toBe(manifest.version);
});
