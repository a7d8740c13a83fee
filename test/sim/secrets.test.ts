import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/io/clock.ts';
import { openWorld } from '../../src/io/world.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { Monitor } from '../../src/runtime/monitor.ts';
import { plan } from '../../src/runtime/plan.ts';
import { scheduleProblem } from '../../src/runtime/schedule.ts';
import { deferred } from '../support/deferred.ts';
import { startSimulation } from './region.ts';

vi.setConfig({ testTimeout: 90_000 });

/** Refused everywhere, so that every message about them is made; looked for in all that is shown. */
const CANARY = 'canary-7f3a9c';

it('no secret is on any page, in any metric or in any message, even where it is refused', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'maasha-secrets-'));
  const network = `127.${randomInt(64, 250)}.${randomInt(1, 255)}`;
  const simulation = await startSimulation({ dir: join(dir, 'region'), network });
  const checks = await loadChecks();
  const world = openWorld(systemClock, { keepPostgres: true });
  const shown: string[] = [];
  const monitor = new Monitor({
    title: 'secrets',
    version: '0',
    checks,
    clock: systemClock,
    world,
    onError: (error) => shown.push(String(error)),
  });
  try {
    const canary = join(dir, 'canary');
    writeFileSync(canary, CANARY);
    const wrong = join(dir, 'region', 'wrong.yaml');
    const right = readFileSync(simulation.configFile, 'utf8');
    writeFileSync(wrong, right.replaceAll(/password_file: [^,}\n]+/g, `password_file: ${canary}`));
    const config = loadConfig(wrong, { checks, scheduleProblem });

    const expected = plan(checks, config.regions).length;
    const all = deferred();
    const seen = new Set<string>();
    monitor.bus.on('check.completed', ({ result }) => {
      shown.push(JSON.stringify(result), String(result.failure?.stack));
      for (const { failure } of result.gaps)
        shown.push(String(failure.stack), String(failure.cause));
      seen.add(result.check);
      if (seen.size === expected) all.resolve();
    });
    const address = await monitor.start({ ...config, listen: { host: '127.0.0.1', port: 0 } });
    await all.promise;
    for (const path of ['/', '/metrics', '/status.json', '/probe?check=pgpool-watchdog&debug=true'])
      shown.push(await (await fetch(`${address}${path}`)).text());

    expect(shown.join('\n')).toContain('[auth]');
    expect(shown.join('\n')).not.toContain(CANARY);
    expect(JSON.stringify(config)).not.toContain(CANARY);
  } finally {
    await monitor.stop();
    await simulation.stop();
    rmSync(dir, { recursive: true });
  }
});
