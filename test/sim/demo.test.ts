import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ended, says } from '../support/cli.ts';
import { simulationRunning } from './control.ts';
import { tcpServer, type Running } from './listener.ts';
import { lookAt } from './pgpool.ts';
import { addressesIn, PORT } from './plan.ts';

// On a loaded machine; nothing here waits for a time.
vi.setConfig({ testTimeout: 90_000 });

/** The demonstration runs the monitor as it was built; `npm test` builds it first. */
const built = existsSync('dist/src/cli/main.js');

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maasha-demo-test-'));
  // PostgreSQL may have to run as another user, and lives in there.
  chmodSync(folder, 0o755);
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** What of ours is in the directory for temporary files; tsx keeps its cache there too. */
const left = (): readonly string[] =>
  readdirSync(folder)
    .filter((name) => /^maasha-(simulation|pg)-/.test(name))
    .sort()
    .reverse();

function demo(network: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/lab/demo.ts', ...args], {
    env: { ...process.env, TMPDIR: folder, MAASHA_SIMULATION_NETWORK: network, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

const someNetwork = (): string => `127.${randomInt(64, 250)}.${randomInt(1, 255)}`;

/** A port of 127.0.0.1 that was free a moment ago. */
async function somePort(): Promise<number> {
  const trial = await tcpServer({ host: '127.0.0.1', port: 0 }, () => {});
  await trial.close();
  return trial.port;
}

describe.skipIf(!built)('npm start without a configuration, simulated', () => {
  it('watches, shows a fault that is injected from elsewhere, and leaves nothing at Ctrl-C', async () => {
    const network = someNetwork();
    const port = await somePort();
    const running = demo(network, '--simulate', '--port', String(port));
    const end = ended(running);
    const first = await says(running, /redundancy {2}ok/);
    expect(first).toContain('a SIMULATION');
    expect(first).toContain(`http://127.0.0.1:${port}/metrics`);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain('maasha_region_redundant{region="simulated"} 1');

    const simulation = await simulationRunning(join(folder, left()[0]!));
    await simulation!.inject('vip-nowhere');
    await says(running, /vip {2}ok → critical/);

    running.kill('SIGINT');
    expect(await end).toMatchObject({ code: 0 });
    expect(left()).toEqual([]);
    expect(await lookAt({ host: addressesIn(network).node.rc1, port: PORT.postgres })).toBe(
      'closed',
    );
    expect(await lookAt({ host: '127.0.0.1', port })).toBe('closed');
  });

  it('undoes a start that is interrupted', async () => {
    const running = demo(someNetwork(), '--simulate', '--port', String(await somePort()));
    const end = ended(running);
    await says(running, /starting the simulated region/);
    running.kill('SIGTERM');
    expect(await end).toMatchObject({ code: 0 });
    expect(left()).toEqual([]);
  });
});

it('npm start says which port is taken before it begins anything', async () => {
  const taken: Running = await tcpServer({ host: '127.0.0.1', port: 0 }, () => {});
  try {
    const { code, stderr } = await ended(demo(someNetwork(), '--port', String(taken.port)));
    expect(code).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${taken.port} is taken`);
    expect(left()).toEqual([]);
  } finally {
    await taken.close();
  }
});

it.each([
  ['--port', '0'],
  ['--fly', ''],
])('npm start refuses %s %s', async (...args) => {
  const { code, stderr } = await ended(demo(someNetwork(), ...args.filter(Boolean)));
  expect(code).toBe(2);
  expect(stderr).toMatch(/port from 1 to 65535|Unknown option/);
});
