import { z } from 'zod';
import { CheckFailure, toFailure } from '../../core/failure.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { PostgresServer, Row } from '../../core/ports/postgres.ts';
import type { Node, Region } from '../../core/region.ts';
import { seconds, type Seconds } from '../../core/time.ts';
import { literal } from '../sql-words.ts';

/*
 * Who is logged in as MAAS, by the address that he comes from. A session that comes through a pgpool has the
 * address of that pgpool's node (4.3 tells nobody who is behind it), so this shows a passive node that goes by
 * its own pgpool, or straight to a server; one that goes by the active node's pgpool shows as the active node.
 */

const CONNECT = { timeout: seconds(2) };
const ASK = { timeout: seconds(2) };

/**
 * A pgpool whose client has gone keeps the session for the next one: idle, after `DISCARD ALL`. Nobody is
 * behind it. To a role that may not see other roles' sessions, all but the name and the pid is withheld.
 */
export const sessionsSql = (role: string): string => `
SELECT host(client_addr) AS address, count(*) AS sessions,
  min(CASE WHEN state = 'idle' THEN extract(epoch FROM clock_timestamp() - state_change) ELSE 0 END) AS idle,
  coalesce(bool_or(query = '<insufficient privilege>'), false) AS hidden
FROM pg_stat_activity
WHERE usename = ${literal(role)} AND NOT (coalesce(state, '') = 'idle' AND query = 'DISCARD ALL')
GROUP BY 1 ORDER BY 1 LIMIT 100`;

/** The sessions of one address on one server. */
export interface Sessions {
  readonly server: string;
  /** The node that they come from; undefined: no node's address. */
  readonly node: string | undefined;
  readonly address: string;
  readonly count: number;
  /** How long ago the last of them did something; 0 while one works. */
  readonly idle: Seconds;
}

export interface SessionLook {
  readonly server: string;
  readonly found: readonly Sessions[] | CheckFailure;
}

const ROW = z.object({
  address: z.string().nullable(),
  sessions: z.coerce.number().int().min(0),
  idle: z.coerce.number().transform((value) => seconds(Math.max(0, value))),
  hidden: z.enum(['t', 'f', 'true', 'false']),
});

/** Looks on every server of the region; undefined where none is configured. */
export function lookAtSessions(
  region: Region,
  io: Ports,
): Promise<readonly SessionLook[]> | undefined {
  const { postgres, fencing } = region;
  if (postgres === undefined || fencing === undefined) return undefined;
  return Promise.all(
    region.nodes.map(async (node) => {
      const place = { ...postgres, host: node.address, port: node.postgresPort ?? postgres.port };
      return { server: node.name, found: await ask(io, place, fencing.role, region, node) };
    }),
  );
}

async function ask(
  io: Ports,
  place: PostgresServer,
  role: string,
  region: Region,
  node: Node,
): Promise<readonly Sessions[] | CheckFailure> {
  try {
    const session = await io.postgres.open(place, CONNECT);
    return readSessions(await session.query(sessionsSql(role), ASK), region, node);
  } catch (error) {
    return toFailure(error);
  }
}

/** @throws CheckFailure `no_privilege` where the sessions of others are withheld; `protocol` */
export function readSessions(
  rows: readonly Row[],
  region: Region,
  server: Node,
): readonly Sessions[] {
  return rows.map((row) => {
    const read = ROW.safeParse(row);
    if (!read.success)
      throw new CheckFailure('protocol', `pg_stat_activity: ${JSON.stringify(row)} is no session`);
    const { address, sessions, idle, hidden } = read.data;
    if (hidden.startsWith('t'))
      throw new CheckFailure(
        'no_privilege',
        'the sessions of other roles are withheld from this one: see maasha validate --online',
      );
    const from = address ?? 'its own socket';
    return {
      server: server.name,
      node: nodeAt(region, server, address),
      address: from,
      count: sessions,
      idle,
    };
  });
}

/** Without an address, or from the loopback, it comes from the server's own host. */
function nodeAt({ nodes }: Region, server: Node, address: string | null): string | undefined {
  if (address === null || address === '::1' || address.startsWith('127.')) return server.name;
  return nodes.find((node) => node.address === address)?.name;
}
