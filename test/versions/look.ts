import { onTestFinished } from 'vitest';
import capacity from '../../checks/postgres-capacity.ts';
import divergence from '../../checks/postgres-divergence.ts';
import replication from '../../checks/postgres-replication.ts';
import vip from '../../checks/postgres-vip.ts';
import type { Check } from '../../src/core/check.ts';
import type { Region } from '../../src/core/region.ts';
import { Secret } from '../../src/core/secret.ts';
import { seconds } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { PostgresConnections } from '../../src/io/postgres.ts';
import { Scope } from '../../src/io/scope.ts';
import { fakePorts } from '../support/ports.ts';
import type { Pair, Side } from '../support/postgres.ts';
import { region } from '../support/region.ts';
import { runCheck, type Ran } from '../support/run-check.ts';

/** The checks that ask PostgreSQL, and PostgreSQL alone. */
const CHECKS = { replication, capacity, divergence, vip } as const satisfies Record<string, Check>;

type Looks = Readonly<Record<keyof typeof CHECKS, Ran>>;

export interface From {
  readonly user?: string;
  /** Which server the virtual address leads to. */
  readonly vip?: Side;
}

/** A region of the pair: its two servers, and no pgpool. */
export const regionOf = (
  pair: Pair,
  { user = pair.user, vip: side = 'primary' }: From = {},
): Region => {
  const { name, generation, maasUrl, trustedServers, rpc } = region();
  return {
    ...{ name, generation, maasUrl, trustedServers, rpc, clusters: [] },
    vip: pair.place[side].host,
    nodes: [
      { name: 'primary', address: pair.place.primary.host },
      { name: 'standby', address: pair.place.standby.host },
    ],
    postgres: {
      port: 5432,
      user,
      password: new Secret(pair.password),
      database: pair.database,
      canary: { table: 'canary' },
    },
  };
};

/** Ports to a real PostgreSQL, and to nothing else; closed with the test. */
export function postgresPorts() {
  const connections = new PostgresConnections({ keep: false });
  const scope = new Scope(systemClock, new AbortController().signal);
  onTestFinished(async () => {
    scope.leave();
    await connections.close();
  });
  return fakePorts({
    postgres: connections.port(scope),
    walsender: connections.walsenderPort(scope),
    canary: connections.canaryPort(scope),
  });
}

/** One look with every check. */
export async function look(pair: Pair, from: From = {}): Promise<Looks> {
  const ports = postgresPorts();
  const context = { clock: systemClock, once: false, signal: new AbortController().signal };
  const ran = Object.entries(CHECKS).map(
    async ([name, check]) =>
      [name, await runCheck(check, regionOf(pair, from), ports, context)] as const,
  );
  return Object.fromEntries(await Promise.all(ran)) as unknown as Looks;
}

export const PATIENCE = { timeout: seconds(5) };

/** Everything that the looks alarm about, or could not see. */
export const trouble = (looks: Looks): readonly string[] =>
  Object.entries(looks).flatMap(([name, { alerts, gaps, skips }]) => [
    ...alerts,
    ...gaps.map(({ subject, failure }) => `${name} gap ${subject}: ${failure.message}`),
    ...skips.map(({ subject, reason }) => `${name} skip ${subject}: ${reason}`),
  ]);
