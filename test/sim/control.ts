import { rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { claimDirectory, isOurs, simulationDirectory } from './place.ts';
import type { Simulation } from './region.ts';
import type { SimStatus } from './report.ts';

/*
 * The simulation's control socket: how a command in another terminal reaches it. HTTP over a Unix socket
 * in a directory of this user's own:
 *
 *   GET /status   GET /faults   POST /faults/NAME (inject)   DELETE /faults/NAME or /faults/all (heal)
 */

const socketIn = (directory: string): string => join(directory, 'control.sock');

export interface FaultLine {
  readonly name: string;
  readonly about: string;
  /** What the monitor shows meanwhile. */
  readonly shows: string;
  readonly injected: boolean;
}

/** A simulation that runs in another process. Every call fails with the simulation's own words. */
export interface Client {
  status(): Promise<SimStatus>;
  list(): Promise<readonly FaultLine[]>;
  /** Breaks one thing, and says what was done. */
  inject(name: string): Promise<string>;
  /** Heals a fault, or `all`; waits for health when no other fault is left. */
  heal(name: string): Promise<SimStatus>;
}

/** The simulation that this user runs; undefined when there is none. */
export async function simulationRunning(
  directory = simulationDirectory(),
): Promise<Client | undefined> {
  if (!isOurs(directory)) return undefined;
  const call = (method: string, path: string) => ask(socketIn(directory), method, path);
  try {
    await call('GET', '/status');
  } catch {
    return undefined;
  }
  const fault = (name: string) => `/faults/${encodeURIComponent(name)}`;
  return {
    status: async () => (await call('GET', '/status')) as SimStatus,
    list: async () => (await call('GET', '/faults')) as readonly FaultLine[],
    inject: async (name) => String(await call('POST', fault(name))),
    heal: async (name) => (await call('DELETE', fault(name))) as SimStatus,
  };
}

/** Serves a simulation to other processes. @throws Error when another one is served there. */
export async function serveControl(
  simulation: Simulation,
  directory = simulationDirectory(),
): Promise<{ close(): Promise<void> }> {
  claimDirectory(directory);
  if ((await simulationRunning(directory)) !== undefined)
    throw new Error(`a simulation runs already; its control socket is ${socketIn(directory)}`);
  const path = socketIn(directory);
  // What a killed one has left.
  rmSync(path, { force: true });
  const server = createServer((incoming, response) => {
    const asked = answer(simulation, incoming.method ?? '', incoming.url ?? '');
    void asked.then(
      (value) => response.end(JSON.stringify(value)),
      (error: unknown) => {
        response.writeHead(error instanceof RangeError ? 404 : 409);
        response.end(JSON.stringify(error instanceof Error ? error.message : String(error)));
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
  return {
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      // The directory stays for whoever else has something in it.
      rmSync(path, { force: true });
    },
  };
}

async function answer(simulation: Simulation, method: string, url: string): Promise<unknown> {
  const [, collection, rest = ''] = url.split('/');
  const name = decodeURIComponent(rest);
  switch (`${method} ${collection ?? ''}${name === '' ? '' : '/…'}`) {
    case 'GET status':
      return simulation.status();
    case 'GET faults':
      return faultLines(simulation);
    case 'POST faults/…':
      return (await simulation.inject(name)).did;
    case 'DELETE faults/…':
      return simulation.heal(name);
    default:
      throw new RangeError(`found ${method} ${url}, expected /status or /faults`);
  }
}

const faultLines = (simulation: Simulation): readonly FaultLine[] => {
  const injected = simulation.status().faults;
  return Object.entries(simulation.faults).map(([name, { about, shows }]) => ({
    name,
    about,
    shows,
    injected: name in injected,
  }));
};

/** One request; healing waits for the region, so there is no short limit. */
const ask = (socketPath: string, method: string, path: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, timeout: 120_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('error', reject).on('end', () => {
        try {
          const value: unknown = JSON.parse(text);
          if (response.statusCode === 200) resolve(value);
          else reject(new Error(String(value)));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('the simulation does not answer')));
    sent.on('error', reject);
    sent.end();
  });
