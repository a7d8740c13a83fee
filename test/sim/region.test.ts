import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { CheckResult } from '../../src/core/check.ts';
import { systemClock } from '../../src/io/clock.ts';
import { openWorld } from '../../src/io/world.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { runTogether } from '../../src/runtime/once.ts';
import { fits } from '../../src/runtime/plan.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';
import { serveControl, simulationRunning } from './control.ts';
import { tcpServer } from './listener.ts';
import { lookAt } from './pgpool.ts';
import { addressesIn, PORT } from './plan.ts';
import { startSimulation, type Simulation } from './region.ts';

// On a loaded machine; nothing here waits for a time.
vi.setConfig({ testTimeout: 90_000 });

const checks = await loadChecks();
/** So that a simulation that runs on this machine is not in the way. */
const someNetwork = (): string => `127.${randomInt(64, 250)}.${randomInt(1, 255)}`;

const folder = mkdtempSync(join(tmpdir(), 'maasha-sim-test-'));
const directory = join(folder, 'region');
const control = join(folder, 'control');
const network = someNetwork();
const world = openWorld(systemClock, { keepPostgres: false });
let simulation: Simulation;
let served: { close(): Promise<void> };

beforeAll(async () => {
  simulation = await startSimulation({ dir: directory, network });
  served = await serveControl(simulation, control);
});

afterAll(async () => {
  await world.close();
  await served.close();
  await simulation.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Looks once with all checks, as `maasha check` does. */
async function look(): Promise<ReadonlyMap<string, CheckResult>> {
  const config = loadConfig(simulation.configFile, { checks, scheduleProblem });
  const target = config.regions[0]!;
  const results = await runTogether(checks, target, () => ({ trigger: 'cli', once: true }), {
    clock: systemClock,
    world,
    signal: new AbortController().signal,
  });
  const here = checks.filter((check) => fits(check, target)).map(({ name }) => name);
  return new Map(
    results.filter(({ check }) => here.includes(check)).map((result) => [result.check, result]),
  );
}

const describeAll = (seen: ReadonlyMap<string, CheckResult>): readonly string[] =>
  [...seen.values()].flatMap(({ check, state, findings, gaps, failure }) => [
    ...(state === 'ok'
      ? []
      : [`${check} ${state}${failure === undefined ? '' : `: ${failure.message}`}`]),
    ...findings.map(({ rule, labels }) => [rule, ...Object.values(labels)].join(' ')),
    ...gaps.map(({ subject, failure: { message } }) => `gap ${subject}: ${message}`),
  ]);

/** Looks until what is seen holds all of `expected` (or nothing at all, when that is empty). */
async function shows(expected: readonly string[]): Promise<ReadonlyMap<string, CheckResult>> {
  let said: readonly string[] = [];
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const seen = await look();
    said = describeAll(seen);
    const all = expected.every((each) => said.some((line) => line.startsWith(each)));
    if (all && (expected.length > 0 || said.length === 0)) return seen;
    await pause(200);
  }
  throw new Error(
    `never saw ${expected.join(', ') || 'health'}; the last look: ${said.join('; ')}`,
  );
}

it('looks healthy to every check, on real wire formats and a real PostgreSQL pair', async () => {
  const seen = await shows([]);
  // On loopback there is no wire to look at, a region of generation 1 has no racks, and the rest is not simulated.
  const absent = [
    ...['rack-connections', 'vip-witness'],
    ...['bmc', 'cluster-backup', 'cluster-dhcp', 'cluster-services', 'fencing', 'proxy'],
  ];
  expect([...seen.keys()].sort()).toEqual(
    checks
      .filter(({ scope, name }) => scope === undefined && !absent.includes(name))
      .map(({ name }) => name)
      .sort(),
  );
  expect(simulation.status()).toMatchObject({ healthy: true, missing: [], faults: {} });
});

describe('each fault shows in the checks, and healing makes all of them well again', () => {
  it.each([
    [
      'vip-nowhere',
      ['MaasHaVipServiceDown http', 'MaasHaVipServiceDown dns', 'MaasHaDnsMasterDown'],
    ],
    ['dns-master-dead', ['MaasHaDnsMasterDown', 'MaasHaVipServiceDown dns']],
    ['dns-slave-stale', ['MaasHaDnsZoneBehind maas3 rc2', 'MaasHaDnsZoneBehind maas5 rc2']],
    ['region-rpc-dead', ['MaasHaVipServiceDown http', 'MaasHaRegionRpcDown']],
    ['backend-detached', ['MaasHaPgpoolBackendDetached', 'MaasHaRedundancyLost']],
    ['pgpool-leader-crash', ['MaasHaPgpoolDown rc1', 'MaasHaWatchdogPeerLost rc2 rc1']],
  ])('%s', async (fault, expected) => {
    await simulation.inject(fault);
    await shows(expected);
    await simulation.heal(fault);
    await shows([]);
  });
});

describe('a primary that fails', () => {
  it.each(['pg-primary-crash', 'pg-primary-freeze'])(
    'after %s the standby is promoted, nothing is spare, and healing makes a standby of the old one',
    async (fault) => {
      await simulation.inject(fault);
      const seen = await shows([
        'MaasHaPostgresDown',
        'MaasHaPgpoolBackendDetached',
        'MaasHaRedundancyLost',
      ]);
      const rules = [...seen.values()].flatMap(({ findings }) => findings.map(({ rule }) => rule));
      expect(rules).not.toContain('MaasHaTwoPrimaries');
      expect(rules).not.toContain('MaasHaNoPrimary');
      await simulation.heal(fault);
      await shows([]);
    },
  );

  it('leaves the region without one when no standby is attached', async () => {
    await simulation.inject('backend-detached');
    await simulation.inject('pg-primary-crash');
    await shows(['MaasHaNoPrimary', 'MaasHaPgpoolNoPrimary', 'MaasHaRegionRpcDown']);
    await simulation.heal('all');
    await shows([]);
  });
});

describe('the control socket', () => {
  const connected = async () => {
    const client = await simulationRunning(control);
    if (client === undefined) throw new Error('the simulation is not found');
    return client;
  };

  it('lists the faults, injects one and heals it', async () => {
    const client = await connected();
    expect(await client.inject('backend-detached')).toMatch(/^detached rc\d, the standby/);
    const listed = await client.list();
    expect(listed.filter(({ injected }) => injected)).toMatchObject([{ name: 'backend-detached' }]);
    expect(await client.status()).toMatchObject({ healthy: false });
    expect(await client.heal('all')).toMatchObject({ healthy: true, faults: {} });
  });

  it('names the faults to whoever asks for one that does not exist', async () => {
    await expect((await connected()).inject('fire')).rejects.toThrow(/no fault fire.*vip-nowhere/);
  });

  it('refuses a fault that is injected already', async () => {
    const client = await connected();
    await client.inject('dns-master-dead');
    await expect(client.inject('dns-master-dead')).rejects.toThrow(/heal it first/);
    await client.heal('dns-master-dead');
  });

  it('is not found where no simulation runs, nor served twice in one place', async () => {
    expect(await simulationRunning(join(folder, 'nowhere'))).toBeUndefined();
    await expect(serveControl(simulation, control)).rejects.toThrow(/runs already/);
  });
});

describe('the start', () => {
  it('says which port is taken, and leaves nothing of what it had begun', async () => {
    const other = someNetwork();
    const { vip, node } = addressesIn(other);
    const taken = await tcpServer({ host: vip, port: PORT.http }, (socket) => socket.destroy());
    try {
      const dir = join(folder, 'refused');
      await expect(startSimulation({ dir, network: other })).rejects.toThrow(
        `${vip}:${PORT.http} is taken`,
      );
      expect(existsSync(dir)).toBe(false);
      expect(await lookAt({ host: node.rc1, port: PORT.postgres })).toBe('closed');
    } finally {
      await taken.close();
    }
  });

  it('can be undone at once, and the end leaves no file and no server', async () => {
    const dir = join(folder, 'short');
    const other = someNetwork();
    const short = await startSimulation({ dir, network: other });
    await short.stop();
    expect(existsSync(dir)).toBe(false);
    const { node } = addressesIn(other);
    for (const host of Object.values(node))
      for (const port of Object.values(PORT)) expect(await lookAt({ host, port })).toBe('closed');
  });

  it('stops half-way when it is told to', async () => {
    const dir = join(folder, 'aborted');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(startSimulation({ dir, network: someNetwork(), signal })).rejects.toThrow(
      'enough',
    );
    expect(existsSync(dir)).toBe(false);
  });
});
