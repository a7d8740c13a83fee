import type { Check, CheckContext } from '../../src/core/check.ts';
import type { Region } from '../../src/core/region.ts';
import { systemClock } from '../../src/io/clock.ts';
import { PostgresConnections } from '../../src/io/postgres.ts';
import { Scope } from '../../src/io/scope.ts';
import { installMaas, regionOf } from './maas-pair.ts';
import { fakePorts } from './ports.ts';
import { freshPlaces, startPair, type Pair } from './postgres.ts';
import { runCheck, type Ran } from './run-check.ts';

/** A real pair of servers with the tables of one generation, and a monitor that looks into them. */
export interface MaasLab {
  readonly pair: Pair;
  /** Runs a check once, by default as the role `maasha`. */
  look(
    check: Check,
    changes?: Partial<Region>,
    how?: { readonly user?: string; readonly context?: Partial<CheckContext> },
  ): Promise<Ran>;
  stop(): Promise<void>;
}

export async function startMaas(generation: 1 | 2): Promise<MaasLab> {
  const connections = new PostgresConnections({ keep: true });
  const pair = await startPair(freshPlaces());
  await installMaas(pair, generation);
  return {
    pair,
    look: async (check, changes = {}, { user, context = {} } = {}) => {
      const scope = new Scope(systemClock, new AbortController().signal);
      const target = regionOf(pair, { generation, ...changes }, user);
      try {
        const ports = fakePorts({ postgres: connections.port(scope) });
        return await runCheck(check, target, ports, { clock: systemClock, ...context });
      } finally {
        scope.leave();
      }
    },
    stop: async () => {
      await connections.close();
      await pair.stop();
    },
  };
}

/** Everything that was seen, a line each. */
export const says = (ran: Ran): string =>
  ran.evidence.map((each) => `${each.subject}: ${each.says}`).join('\n');

/** What the service gives back: written down and read again. */
export const stored = (memory: unknown): unknown => JSON.parse(JSON.stringify(memory));
