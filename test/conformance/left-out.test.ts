import { describe, expect, it, test } from 'vitest';
import type { Check, CheckResult } from '../../src/core/check.ts';
import type { FailureCode } from '../../src/core/failure.ts';
import { MONITOR } from '../../src/core/ports/monitor.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { runTogether } from '../../src/runtime/once.ts';
import { RC1, RC2, secondRegion, VIP, wholeRegion } from '../checks/healthy-region.ts';
import { healthyPorts } from '../checks/healthy.ts';
import { FakeClock } from '../support/clock.ts';
import { FakeWorld } from '../support/world.ts';
import { blinded, leftOut, oddities } from './left-out.ts';

/*
 * Unknown never looks like health: what was judged in one run and is not there in the next must be a gap, or
 * not apply, or be left alone for a reason that is told, unless the run is an alarm anyhow.
 */

const checks = await loadChecks();
const [FIRST, SECOND] = [wholeRegion(), secondRegion()];
const homeOf = (check: Check): Region =>
  check.scope === 'monitor' ? MONITOR : check.absence?.(FIRST) === undefined ? FIRST : SECOND;

async function runAll(ports: Ports, memory: (check: Check) => unknown = () => undefined) {
  const clock = new FakeClock();
  const means = { clock, world: new FakeWorld(ports), signal: new AbortController().signal };
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
  return new Map(results.flat().map((each): [string, CheckResult] => [each.check, each]));
}

const healthy = await runAll(healthyPorts());

/** What all checks keep silent about on these ports, after a run in which all was well. */
async function keptSilent(ports: Ports): Promise<readonly string[]> {
  const now = await runAll(ports, ({ name }) => healthy.get(name)?.memory);
  return checks.flatMap(({ name, rules }) => {
    const [before, after] = [healthy.get(name), now.get(name)];
    if (before === undefined || after === undefined) return [`${name} has no result`];
    return leftOut(rules, before, after).map((series) => `${name}: ${series}`);
  });
}

/** Silence, and three ways of a fault that is ours. */
const CODES: readonly FailureCode[] = ['timeout', 'auth', 'no_privilege', 'dependency'];
/** These let in first. */
const SESSIONS: readonly (keyof Ports)[] = ['postgres', 'walsender', 'pcp', 'amp'];
const CLUSTER = FIRST.clusters[0]?.address ?? '';
const HOSTS = [undefined, RC1, RC2, VIP, CLUSTER];

/** An echo that does not come is no failure. */
const codesOf = (port: keyof Ports): readonly FailureCode[] =>
  port === 'icmp' ? ['no_privilege'] : CODES;

const PORTS = (Object.keys(healthyPorts()) as (keyof Ports)[]).filter((port) => port !== 'monitor');

describe.each(PORTS)('nothing is kept silent about when the port %s fails', (port) => {
  test.each(HOSTS.map((host) => [host ?? 'everywhere', host] as const))(
    'at %s',
    async (_, host) => {
      for (const code of codesOf(port))
        for (const inside of SESSIONS.includes(port) ? [false, true] : [false]) {
          const at = { port, code, inside, ...(host !== undefined && { host }) };
          const silent = await keptSilent(blinded(healthyPorts(), at));
          expect(silent, `${code}${inside ? ', once it has let in' : ''}`).toEqual([]);
        }
    },
  );
});

describe.each(HOSTS.map((host) => [host ?? 'everywhere', host] as const))(
  'nothing is kept silent about when at %s',
  (_, host) => {
    test.each(Object.entries(oddities))('%s', async (_what, odd) => {
      expect(await keptSilent(odd(healthyPorts(), host))).toEqual([]);
    });
  },
);

it('finds what is kept silent about', () => {
  const [before] = [...healthy.values()].filter(({ check }) => check === 'postgres-replication');
  const rules = checks.find(({ name }) => name === 'postgres-replication')?.rules ?? [];
  expect(before?.state).toBe('ok');
  if (before === undefined) return;
  expect(leftOut(rules, before, before)).toEqual([]);
  const without = before.observations.filter(({ metric }) => !metric.name.includes('lag_seconds'));
  const now = { ...before, observations: without };
  expect(leftOut(rules, before, now)).toEqual([
    'maasha_postgres_replication_lag_seconds{"standby":"rc2"}',
  ]);
  expect(leftOut(rules, before, { ...now, state: 'unknown' })).toEqual([
    'unknown without a reason',
  ]);
});
