import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { CheckResult } from '../../src/core/check.ts';
import { FAILURE_CODES } from '../../src/core/failure.ts';
import { MONITOR } from '../../src/core/ports/monitor.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { seconds } from '../../src/core/time.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { invoke } from '../../src/runtime/invoke.ts';
import { runTogether } from '../../src/runtime/once.ts';
import { absenceOf, fits, plan } from '../../src/runtime/plan.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';
import { failingPorts, healthyPorts } from '../checks/healthy.ts';
import { FakeClock } from '../support/clock.ts';
import { expectedAbsence, LACKS, NEEDED } from '../sites/expected.ts';
import { hangingPorts } from '../support/ports.ts';
import { FakeWorld } from '../support/world.ts';

/* Sites differ: what exists where, and that nothing is green that looked at nothing. */

const folder = mkdtempSync(join(tmpdir(), 'maasha-sites-'));
for (const name of ['pg', 'pcp', 'ca.pem']) writeFileSync(join(folder, name), `canary-${name}\n`);
writeFileSync(join(folder, 'rpc'), 'c0ffee\n');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const catalogue = await loadChecks();
const checks = catalogue.filter(({ scope }) => scope !== 'monitor');

const SITES = new URL('../sites/', import.meta.url);
const regions = readdirSync(SITES)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => {
    copyFileSync(new URL(name, SITES), join(folder, name));
    return loadConfig(join(folder, name), { checks: catalogue, scheduleProblem }).regions;
  });
const cases = regions.map((region) => [region.name, region] as const);

/** What the healthy world knows of is IPv4; the same hosts, asked by their IPv6 addresses. */
const asIpv4 = (text: string): string =>
  text.replaceAll(/\[?2001:db8:16::(\d+)\]?/g, (_, host: string) => `172.31.16.${host}`);
const translated = (argument: unknown): unknown => {
  if (typeof argument === 'string') return asIpv4(argument);
  if (typeof argument !== 'object' || argument === null || !('host' in argument)) return argument;
  return { ...argument, host: asIpv4(String(argument.host)) };
};

/** The same ports, for any address, that count how often they are asked. */
function counted(ports: Ports): { readonly ports: Ports; readonly calls: () => number } {
  let calls = 0;
  const wrap = (port: object): object =>
    new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (first: unknown, ...rest: readonly unknown[]): unknown => {
          calls += 1;
          return Reflect.apply(method, target, [translated(first), ...rest]);
        };
      },
    });
  const wrapped = Object.entries(ports).map(
    ([name, port]) => [name, wrap(port as object)] as const,
  );
  return { ports: Object.fromEntries(wrapped) as unknown as Ports, calls: () => calls };
}

/** All is well, the canary too. */
const well = (): Ports =>
  healthyPorts({ canary: { write: async () => ({ took: seconds(0.01), kept: true }) } });

const meansOf = (ports: Ports) => ({
  clock: new FakeClock(),
  world: new FakeWorld(ports),
  signal: new AbortController().signal,
});

/** Every check of a region once, those together that follow each other. */
const runAll = (region: Region, ports: Ports): Promise<readonly CheckResult[]> =>
  runTogether(checks, region, () => ({ trigger: 'cron' }), meansOf(counted(ports).ports));

it.each(cases)('%s: says which checks exist, and why the others do not', (name, region) => {
  for (const check of checks) {
    const why = absenceOf(check, region);
    const expected = expectedAbsence(check.name, name);
    if (expected === undefined) expect(why, check.name).toBeUndefined();
    else expect(why, check.name).toMatch(expected);
  }
});

it('every site has a row in the table, and every row a site or a check', () => {
  expect(regions.map(({ name }) => name).sort()).toEqual(Object.keys(LACKS).sort());
  expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(NEEDED)));
});

it.each(cases)('%s: what does not exist is not planned', (name, region) => {
  const planned = plan(catalogue, [region]).filter((each) => each.region !== MONITOR);
  expect(planned.map(({ check }) => check.name).sort()).toEqual(
    checks
      .map((check) => check.name)
      .filter((check) => expectedAbsence(check, name) === undefined)
      .sort(),
  );
});

it.each(cases)('%s: a check that combines others has something to combine', (_, region) => {
  for (const { needs = [], ...check } of checks.filter((each) => fits(each, region)))
    if (needs.length > 0) {
      const there = checks.filter((each) => needs.includes(each.name) && fits(each, region));
      expect(there, check.name).not.toEqual([]);
    }
});

describe.each(cases)('%s, where all is well', (_, region) => {
  it.each(
    checks.filter((check) => fits(check, region)).map((check) => [check.name, check] as const),
  )('%s comes to a result by looking', async (name, check) => {
    if (check.needs !== undefined) return;
    const { ports, calls } = counted(well());
    const result = await invoke(check, region, { trigger: 'cron' }, meansOf(ports));
    expect(result.failure, name).toBeUndefined();
    // Green is only what was looked at.
    if (result.state === 'ok')
      expect([calls() > 0, result.observations.length > 0]).toEqual([true, true]);
    else expect([...result.findings, ...result.gaps, ...result.skips]).not.toEqual([]);
  });

  it('what combines them comes to a result', async () => {
    for (const result of await runAll(region, well())) {
      expect(result.failure, result.check).toBeUndefined();
      expect(result.gaps.filter(({ failure }) => failure.code === 'internal')).toEqual([]);
      if (result.state === 'ok') expect(result.observations, result.check).not.toEqual([]);
    }
  });

  it('what does not exist is skipped, and only that says so', async () => {
    const results = await runAll(region, well());
    for (const check of checks) {
      const result = results.find((each) => each.check === check.name);
      const why = absenceOf(check, region);
      if (why === undefined) continue;
      expect(result?.state).toBe('skipped');
      expect(result?.skips).toEqual([
        { kind: 'skip', subject: check.name, code: 'config', reason: why },
      ]);
      expect(result?.observations).toEqual([]);
    }
  });
});

describe.each(cases)('%s, where nothing answers', (_, region) => {
  it.each(
    checks.filter((check) => fits(check, region)).map((check) => [check.name, check] as const),
  )('%s is not green', async (__, check) => {
    const means = meansOf(hangingPorts());
    const running = invoke(check, region, { trigger: 'cli', needs: {} }, means);
    await new Promise((resolve) => setImmediate(resolve));
    means.clock.advance(check.timeout);
    const result = await running;
    expect(['unknown', 'skipped']).toContain(result.state);
    expect(result.failure?.code).not.toBe('internal');
    expect(means.clock.pending).toBe(0);
  });

  it.each(FAILURE_CODES.filter((code) => code !== 'internal'))(
    'no check breaks when every question comes to %s',
    async (code) => {
      for (const { check, failure, gaps } of await runAll(region, failingPorts(code))) {
        expect(failure?.code, check).not.toBe('internal');
        expect(gaps.map((each) => each.failure.code)).not.toContain('internal');
      }
    },
  );
});

describe('whether one more failure is survivable', () => {
  const verdict = async (name: string) => {
    const region = regions.find((each) => each.name === name);
    if (region === undefined) throw new Error(name);
    const results = await runAll(region, well());
    const result = results.find(({ check }) => check === 'redundancy');
    return {
      state: result?.state,
      is: result?.observations.find(({ metric }) => metric.name === 'maasha_region_redundant')
        ?.value,
      why: result?.skips.map(({ subject }) => subject),
    };
  };

  it.each([
    ['classic', { state: 'ok', is: 1, why: [] }],
    ['patroni', { state: 'ok', is: 1, why: [] }],
    ['nodns', { state: 'ok', is: 1, why: [] }],
    ['noslaves', { state: 'ok', is: 1, why: [] }],
    ['pacemaker', { state: 'ok', is: undefined, why: ['standby'] }],
    ['noaccount', { state: 'ok', is: undefined, why: ['standby'] }],
    ['outside', { state: 'ok', is: undefined, why: ['watchdog', 'backends', 'standby'] }],
    ['one', { state: 'skipped', is: undefined, why: ['redundancy'] }],
  ])('%s', async (name, expected) => {
    expect(await verdict(name)).toEqual(expected);
  });
});

it('no secret of a site is ever shown', async () => {
  const shown = await Promise.all(regions.map((region) => runAll(region, well())));
  expect(JSON.stringify([regions, shown])).not.toContain('canary-');
});
