import { placeOf } from '../replication/ask.ts';
import { z } from 'zod';
import { evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure, toFailure } from '../../core/failure.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { PostgresSession } from '../../core/ports/postgres.ts';
import type { Node, Region } from '../../core/region.ts';
import { formatDuration, seconds, type Seconds } from '../../core/time.ts';
import { maasGrants } from './grants.ts';
import { readRows } from './rows.ts';

/*
 * Who is asked about MAAS's own tables: the primary, else a standby. Any check that reads them begins
 * here (`openMaas`) and goes on with `ask`.
 */

/** A database server that was found fit to answer. */
export interface Desk {
  readonly node: Node;
  readonly session: PostgresSession;
  /** A standby shows no unlogged table, and sequences ahead of what was handed out. */
  readonly recovering: boolean;
  /** By how much its rows may be older than the primary's; 0 on the primary, and at most this on a standby. */
  readonly lag: Seconds;
  /** The tables of MAAS, either generation, that are found by their bare names. */
  readonly tables: ReadonlySet<string>;
  /** Tables of MAAS that exist in a schema which the role does not search, as `schema.table`. */
  readonly elsewhere: readonly string[];
}

/** The server to ask, and what is to be said of the choice; or why there is none. */
export type Opened =
  | { readonly desk: Desk; readonly notes: readonly Note[] }
  | { readonly desk?: undefined; readonly notes: readonly Note[] };

type Server = NonNullable<Region['postgres']>;

const OPEN = { timeout: seconds(2.5) };
const HELLO = { timeout: seconds(2) };

const TABLES = [...new Set([1, 2].flatMap((each) => maasGrants(each as 1 | 2)))].map(
  ({ table }) => `'${table}'`,
);

const found = (visible: string, what: string): string => `
  (SELECT string_agg(${what}, ' ' ORDER BY c.relname)
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname IN (${[...new Set(TABLES)].join(', ')}) AND c.relkind IN ('r', 'p', 'v', 'S')
      AND n.nspname !~ '^pg_' AND ${visible} pg_catalog.pg_table_is_visible(c.oid))`;

/**
 * Role, and which tables of MAAS there are; valid from PostgreSQL 9.3 on. On a standby the age of the newest
 * transaction replayed bounds how old its rows are: an idle primary makes it too large, never too small.
 */
export const HELLO_SQL = `
SELECT pg_is_in_recovery()::text AS recovering,
       extract(epoch FROM now() - pg_last_xact_replay_timestamp())::text AS replayed,
       ${found('', 'c.relname::text')} AS visible,
       ${found('NOT', "n.nspname || '.' || c.relname")} AS hidden`;

const hello = z.object({
  recovering: z.enum(['true', 'false']),
  replayed: z.string().nullable(),
  visible: z.string().nullable(),
  hidden: z.string().nullable(),
});

/** Asks all nodes at once, because only they know who is the primary. Never rejects. */
export async function openMaas(region: Region, server: Server, io: Ports): Promise<Opened> {
  const answers = await Promise.all(region.nodes.map((node) => visit(node, server, io)));
  const desks = answers.filter((each) => 'session' in each);
  const primaries = desks.filter(({ recovering }) => !recovering);
  const [primary, second] = primaries;
  if (second !== undefined) return { notes: [gap(region.name, twoOf(primaries))] };
  if (primary !== undefined) return { desk: primary, notes: [] };
  const failures = answers.filter((each) => 'failure' in each);
  const standby = desks.toSorted((a, b) => a.lag - b.lag)[0];
  const why = failures.map(({ node, failure }) => gap(node.name, failure));
  if (standby === undefined) return { notes: why };
  return { desk: standby, notes: [evidence(standby.node.name, asStandby(standby.lag))] };
}

const asStandby = (lag: Seconds): string =>
  `is asked, a standby whose rows are ${Number.isFinite(lag) ? `up to ${formatDuration(lag)} old` : 'of an unknown age'}: no primary could be asked`;

/** A node that could not be asked. */
interface Blind {
  readonly node: Node;
  readonly failure: CheckFailure;
}

async function visit(node: Node, server: Server, io: Ports): Promise<Desk | Blind> {
  const at = placeOf(node, server);
  try {
    const session = await io.postgres.open(at, OPEN);
    const [said] = readRows(hello, await session.query(HELLO_SQL, HELLO));
    if (said === undefined) throw new CheckFailure('protocol', 'the server answered with no row');
    const recovering = said.recovering === 'true';
    return {
      node,
      session,
      recovering,
      lag: recovering ? lagOf(said.replayed) : seconds(0),
      tables: new Set(words(said.visible)),
      elsewhere: words(said.hidden),
    };
  } catch (thrown) {
    return { node, failure: toFailure(thrown) };
  }
}

const words = (text: string | null): readonly string[] => text?.split(' ') ?? [];

/** A standby that has replayed no transaction since its start does not say how old it is. */
function lagOf(text: string | null): Seconds {
  const age = text === null ? Number.NaN : Number(text);
  return seconds(Number.isFinite(age) ? Math.max(0, age) : Number.POSITIVE_INFINITY);
}

const twoOf = (desks: readonly Desk[]): CheckFailure =>
  new CheckFailure(
    'dependency',
    `${desks.map(({ node }) => node.name).join(' and ')} both take writes: whose rows count is not known`,
  );

/** Which generation of MAAS made these tables; undefined when none did. */
export const looksLike = ({ tables }: Pick<Desk, 'tables'>): 1 | 2 | undefined => {
  if (tables.has('maasserver_regioncontrollerprocess')) return 2;
  return tables.has('maasserver_nodegroup') ? 1 : undefined;
};
