import { onTestFinished } from 'vitest';
import type { Config } from '../../src/config/load.ts';
import type { Check } from '../../src/core/check.ts';
import { systemClock } from '../../src/io/clock.ts';
import { ProbeServer } from '../../src/runtime/probe-server.ts';
import { testCheck } from './checks.ts';
import { region } from './region.ts';
import { FakeWorld } from './world.ts';

/** One region and nothing else; a test changes what it is about. */
export const config = (changes: Partial<Config> = {}): Config => ({
  file: 'maasha.yaml',
  listen: { host: '127.0.0.1', port: 0 },
  regions: [region()],
  checks: {},
  ...changes,
});

/** An instance with these checks; what asks it by path. */
export async function started(
  checks: readonly Check[] = [testCheck()],
  changes: Partial<Config> = {},
) {
  const world = new FakeWorld();
  const server = new ProbeServer({
    version: '0.0.0',
    checks,
    clock: systemClock,
    world,
    onError: (error) => {
      throw error;
    },
  });
  onTestFinished(() => server.stop());
  const address = await server.start(config(changes));
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${address}${path}`, init);
    return {
      status: response.status,
      body: await response.text(),
      type: response.headers.get('content-type'),
    };
  };
  return { server, address, get, world };
}
