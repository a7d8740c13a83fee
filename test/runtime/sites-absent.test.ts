import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/load.ts';
import type { CheckResult } from '../../src/core/check.ts';
import { gauge, observe } from '../../src/core/metric.ts';
import type { Region } from '../../src/core/region.ts';
import { seconds } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { namesOf } from '../../src/runtime/alert-names.ts';
import { Monitor } from '../../src/runtime/monitor.ts';
import { runTogether } from '../../src/runtime/once.ts';
import { absenceOf, absentees, fits, plan } from '../../src/runtime/plan.ts';
import { channel, Recording } from '../support/alerting.ts';
import { testCheck, tooHigh } from '../support/checks.ts';
import { FakeClock } from '../support/clock.ts';
import { region } from '../support/region.ts';
import { FakeWorld } from '../support/world.ts';

/* A check that has nothing to look at in a region does not exist there, whoever asks. */

const depth = gauge({ name: 'maasha_test_depth', help: 'A value.', labels: ['node'] });
const REASON = 'no zones are configured (section `dns`)';

/** It looks at `dns`, and always finds it bad. */
const needsDns = testCheck({
  name: 'needs-dns',
  every: '1h',
  absence: ({ dns }) => (dns === undefined ? REASON : undefined),
});
/** It combines the other two, and keeps what it was given. */
const given: Readonly<Record<string, CheckResult>>[] = [];
const combined = testCheck({
  name: 'combined',
  every: '1h',
  needs: ['test', 'needs-dns'],
  metrics: [depth],
  rules: [],
  run: async (_, { needs }) => {
    given.push(needs);
    return [observe(depth, Object.keys(needs).length, { node: 'rc1' })];
  },
});
const plain = testCheck({ every: '1h', metrics: [], rules: [], run: async () => [] });
const deep = gauge({ name: 'maasha_test_deep', help: 'A value.', labels: ['node'] });
const other = {
  ...plain,
  metrics: [deep],
  run: async () => [observe(deep, 1, { node: 'rc1' })],
};
const checks = [needsDns, other, combined];

const whole = region();
const noDns = Object.fromEntries(
  Object.entries({ ...whole, name: 'nodns' }).filter(([key]) => key !== 'dns'),
) as unknown as Region;

const meansOf = () => ({
  clock: new FakeClock(),
  world: new FakeWorld(),
  signal: new AbortController().signal,
});

describe('a plan', () => {
  it('leaves out what does not exist in a region, and keeps the rest', () => {
    expect(
      plan(checks, [whole, noDns]).map(({ check, region: { name } }) => [check.name, name]),
    ).toEqual([
      ['needs-dns', 'maas3'],
      ['test', 'maas3'],
      ['combined', 'maas3'],
      ['test', 'nodns'],
      ['combined', 'nodns'],
    ]);
  });

  it('says why, in the words of the check', () => {
    expect(absenceOf(needsDns, noDns)).toBe(REASON);
    expect(absenceOf(needsDns, whole)).toBeUndefined();
    expect([fits(needsDns, whole), fits(needsDns, noDns)]).toEqual([true, false]);
    expect(Object.keys(absentees(checks, noDns, new FakeClock().now()))).toEqual(['needs-dns']);
  });
});

describe('a one-off run', () => {
  it('gives the reason in the place of a result, and to whoever combines', async () => {
    given.length = 0;
    const results = await runTogether(checks, noDns, () => ({ trigger: 'cli' }), meansOf());
    expect(results.map(({ check, state }) => [check, state])).toEqual([
      ['test', 'ok'],
      ['combined', 'ok'],
      ['needs-dns', 'skipped'],
    ]);
    expect(results.at(-1)?.skips[0]?.reason).toBe(REASON);
    expect(Object.keys(given[0] ?? {}).sort()).toEqual(['needs-dns', 'test']);
  });
});

let running: Monitor | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const config = (regions: readonly Region[], alerting?: Config['alerting']): Config => ({
  file: 'maasha.yaml',
  listen: { host: '127.0.0.1', port: 0 },
  regions,
  checks: {},
  ...(alerting !== undefined && { alerting }),
});

/** A service whose rule is told at once. */
async function service(regions: readonly Region[], alerting?: Config['alerting']) {
  const recording = new Recording();
  const results: CheckResult[] = [];
  const bad = {
    ...needsDns,
    rules: [{ ...tooHigh, for: seconds(0), when: { above: 0 } as const }],
  };
  const monitor = new Monitor({
    title: 'a test',
    version: '0.0.0',
    checks: [bad, other, combined],
    clock: systemClock,
    world: new FakeWorld(),
    notifiers: [recording.notifier],
    onError: (error) => {
      throw error;
    },
  });
  running = monitor;
  monitor.bus.on('check.completed', ({ result }) => results.push(result));
  const address = await monitor.start(config(regions, alerting));
  const get = async (path: string) => {
    const response = await fetch(`${address}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const ready = () =>
    expect
      .poll(async () => (await get('/readyz')).body, { interval: 10, timeout: 10_000 })
      .toBe('ready\n');
  return { monitor, recording, results, get, ready };
}

describe('a service', () => {
  it('never runs it, shows no series of it, and is ready without it', async () => {
    const { results, get, ready } = await service([noDns]);
    await ready();
    expect(results.map(({ check }) => check).sort()).toEqual(['combined', 'test']);
    expect((await get('/metrics')).body).not.toContain('check="needs-dns"');
    expect((await get('/status.json')).body).not.toContain('needs-dns');
    expect((await get('/healthz')).status).toBe(200);
  });

  it('answers a probe of it with the reason, neither as a success nor as a failure', async () => {
    const { get, ready } = await service([noDns]);
    await ready();
    const { status, body } = await get('/probe?check=needs-dns&region=nodns');
    expect(status).toBe(200);
    expect(body).toContain(`# skipped: needs-dns: ${REASON} [config]`);
    expect(body).toContain(
      'maasha_check_state{region="nodns",check="needs-dns",state="skipped"} 1',
    );
    expect(body).not.toMatch(/^probe_success/m);
    expect(body).not.toMatch(/^maasha_test_value/m);
  });

  it('gives whoever combines the reason in the place of a result', async () => {
    given.length = 0;
    const { ready } = await service([noDns]);
    await ready();
    expect(given[0]?.['needs-dns']).toMatchObject({ state: 'skipped', observations: [] });
    expect(given[0]?.['test']).toMatchObject({ state: 'ok' });
  });
});

describe('a reload', () => {
  const alerting = { maintenance: [], channels: [channel('slack')] };

  it('that removes a section ends the alerts about it, and says that they are watched no longer', async () => {
    const { monitor, recording, get, ready } = await service([whole], alerting);
    await ready();
    await expect
      .poll(() => recording.lines(), { interval: 20, timeout: 20_000 })
      .toEqual(['slack open MaasHaTestTooHigh node=rc1']);
    const gone = { ...noDns, name: whole.name };
    await monitor.reload(config([gone], alerting));
    await expect
      .poll(() => recording.lines().at(-1), { interval: 20, timeout: 20_000 })
      .toBe('slack retire MaasHaTestTooHigh node=rc1');
    expect((await get('/metrics')).body).not.toContain('maasha_test_value');
    expect((await get('/probe?check=needs-dns')).body).toContain(REASON);
  });

  it('that brings the section back has it looked at again', async () => {
    const gone = { ...noDns, name: whole.name };
    const { monitor, results, ready } = await service([gone]);
    await ready();
    await monitor.reload(config([whole]));
    await expect
      .poll(() => results.map(({ check }) => check), { interval: 10, timeout: 10_000 })
      .toContain('needs-dns');
  });
});

it('the names that alerts may bear include those of slave DNS servers that are hosts of their own', () => {
  const slaves = [
    { name: 'ns1', address: '172.31.16.36' },
    { name: 'rc1', address: '172.31.16.32' },
  ];
  const names = namesOf(
    region({ dns: { masterPort: 5353, slavePort: 53, zones: ['maas3'], slaves } }),
  );
  expect(names['server']).toEqual(['vip', 'rc1', 'rc2', 'ns1']);
  expect(namesOf(region())['server']).toEqual(['vip', 'rc1', 'rc2']);
});
