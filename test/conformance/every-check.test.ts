import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/core/version.ts';
import { allMetrics, loadChecks } from '../../src/runtime/catalogue.ts';
import { invoke } from '../../src/runtime/invoke.ts';
import { longestInterval, scheduleProblem } from '../../src/runtime/schedule.ts';
import { FakeClock } from '../support/clock.ts';
import { hangingPorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { FakeWorld } from '../support/world.ts';

const checks = await loadChecks();
const rules = checks.flatMap((check) => check.rules);

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
    const whole = region({ proxy: { ports: [8000] } });
    const running = invoke(check, whole, { trigger: 'cli', needs: {} }, means);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(check.timeout);
    expect((await running).state).toBe('unknown');
    expect(world.inside).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('is skipped, and says why, where its part of the region is not configured', async () => {
    if (['vip', 'cluster-controllers', 'redundancy'].includes(check.name)) return;
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

it('no metric and no rule is declared twice', () => {
  expect(() => allMetrics(checks)).not.toThrow();
  const names = rules.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
});

it('what splits the region in two is never inhibited by anything but the monitor’s own isolation', () => {
  for (const name of ['MaasHaTwoPrimaries', 'MaasHaWatchdogTwoLeaders']) {
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
