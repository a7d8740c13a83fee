import { placeOf } from '../replication/ask.ts';
import { quoted } from '../sql-words.ts';
import { CheckFailure } from '../../core/failure.ts';
import type { PostgresSession, Row } from '../../core/ports/postgres.ts';
import type { Node, Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import { readSenders, readStandby } from '../replication/rows.ts';
import { replicationSql } from '../replication/sql.ts';
import {
  ADDRESS_OF_MONITOR,
  denied,
  granted,
  inFile,
  notKnown,
  only,
  silence,
  tried,
  type Asker,
  type Remedy,
  type Right,
} from './right.ts';
import { statisticsOf } from './statistics.ts';

const CONNECT = { timeout: seconds(3) };
const QUERY = { timeout: seconds(3) };

export type Account = NonNullable<Region['postgres']>;

/** A node's database that let the monitor in. */
export interface Entered {
  readonly node: Node;
  readonly session: PostgresSession;
  readonly standby: boolean;
  /** The monitor's own address, as this server sees it. */
  readonly seenAs: string | undefined;
  readonly role: Row;
}

/** Roles are of the whole cluster, and what is made for them is of the database that they log in to. */
export const inDatabase = ({ database }: Account): string =>
  `psql ${database}, as superuser, on the primary`;

/** Every check that logs in to a node's own database. */
const DIRECT = [
  'postgres-replication',
  'postgres-divergence',
  'postgres-capacity',
  'maas-database',
  'rack-connections',
  'dns-zones',
];
const STATISTICS = ['postgres-replication', 'postgres-capacity'];

/** What an account is, apart from what it may read. */
const roleSql = (version: number): string => `
SELECT host(inet_client_addr()) AS seen_as,
       pg_is_in_recovery()::text AS standby,
       (SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user) AS super,
       ${version >= 100_000 ? `pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')::text` : `'false'`} AS reads_statistics,
       ('pg_stat_replication'::regclass <> 'pg_catalog.pg_stat_replication'::regclass)::text AS wrapped`;

const isTrue = (value: string | null | undefined): boolean => value === 'true' || value === 't';

/** Logs in to every node; each that let the monitor in is asked further. */
export async function postgresRights(
  asker: Asker,
  account: Account,
): Promise<{ readonly rights: readonly Right[]; readonly entered: readonly Entered[] }> {
  const looked = await Promise.all(
    asker.region.nodes.map(async (node) => {
      const at = placeOf(node, account);
      const session = await tried(asker.io.postgres.open(at, CONNECT));
      if (session instanceof CheckFailure)
        return { rights: [refused(asker, account, node, at.port, session)] };
      return enter(asker, account, node, session);
    }),
  );
  const entered = looked.flatMap((each) => ('entered' in each ? [each.entered] : []));
  return { rights: looked.flatMap(({ rights }) => rights), entered };
}

const login = ({ pgpool }: Region, { database }: Account, { name }: Node) => ({
  // Without pgpool the virtual address leads to the database itself.
  checks: pgpool === undefined ? [...DIRECT, 'postgres-vip'] : DIRECT,
  what: `log in to the database ${database}`,
  where: name,
});

/** Why a server lets nobody in, by what it said. */
function refused(
  asker: Asker,
  account: Account,
  node: Node,
  port: number,
  failure: CheckFailure,
): Right {
  const about = login(asker.region, account, node);
  const { facts, code, message } = failure;
  const role = quoted(account.user);
  const sql = (...lines: readonly string[]): Remedy => ({
    host: 'primary',
    into: inDatabase(account),
    lines,
  });
  if (facts['noLineIn'] !== undefined) {
    const from = typeof facts['from'] === 'string' ? facts['from'] : asker.source(node.address);
    return denied(about, message, {
      host: node.name,
      into: 'pg_hba.conf; then SELECT pg_reload_conf()',
      lines: [hbaLine(account, from)],
    });
  }
  if (facts['sqlstate'] === '3D000')
    return denied(about, message, {
      host: 'monitor',
      into: 'maasha.yaml, `postgres:`',
      lines: [
        `database: ${account.database} # there is none of that name: SELECT datname FROM pg_database`,
      ],
    });
  if (code === 'auth' && account.password === undefined)
    return denied(about, message, {
      host: 'monitor',
      into: 'maasha.yaml, `postgres:`',
      lines: ['password_file: /etc/maasha/pg'],
    });
  if (code === 'auth')
    return denied(
      about,
      message,
      sql(
        `CREATE ROLE ${role} LOGIN CONNECTION LIMIT 10; -- where it does not exist`,
        `\\password ${role} -- the one in the monitor's password_file`,
        `GRANT CONNECT ON DATABASE ${quoted(account.database)} TO ${role};`,
      ),
    );
  const { why, remedies } = silence(asker, { name: node.name, host: node.address, port }, failure);
  return notKnown(about, why, ...remedies);
}

/** scram-sha-256 works for both kinds of stored passwords from PostgreSQL 10 on; before there is md5 only. */
const hbaLine = ({ user, database, tls }: Account, from: string | undefined): string =>
  `${tls === undefined ? 'host' : 'hostssl'} ${inFile(database)} ${inFile(user)} ${only(from ?? ADDRESS_OF_MONITOR)} scram-sha-256 # md5 before PostgreSQL 10`;

/** What a server that let the monitor in tells of the account, and of what it may see. */
async function enter(asker: Asker, account: Account, node: Node, session: PostgresSession) {
  const about = login(asker.region, account, node);
  const rows = await tried(session.query(roleSql(session.version), QUERY));
  const [role] = rows instanceof CheckFailure ? [] : rows;
  if (role === undefined) {
    const why =
      rows instanceof CheckFailure ? rows.message : 'it does not tell what the account is';
    return { rights: [granted(about), notKnown(statistics(node), why)] };
  }
  const entered: Entered = {
    node,
    session,
    standby: isTrue(role['standby']),
    seenAs: role['seen_as'] ?? undefined,
    role,
  };
  return {
    entered,
    rights: [
      granted(about),
      await statisticsRight(entered, account),
      await replicationRight(asker, account, entered),
    ],
  };
}

const statistics = ({ name }: Node) => ({
  checks: STATISTICS,
  what: 'see how far each standby is (pg_stat_replication, pg_stat_wal_receiver)',
  where: name,
});

/** By the role's rights, and by really looking: a row of which one sees only the name is a row that one may not see. */
async function statisticsRight(
  { node, session, standby, role }: Entered,
  account: Account,
): Promise<Right> {
  const about = statistics(node);
  const { user } = account;
  const { version } = session;
  const may = ['super', 'reads_statistics', 'wrapped'].some((each) => isTrue(role[each]));
  const remedy: Remedy = {
    host: 'primary',
    into: inDatabase(account),
    lines: statisticsOf(version, user),
  };
  const why = `${user} is no member of pg_monitor: it sees that standbys stream, and nothing of them`;
  const old = `before PostgreSQL 10 only a superuser sees it, or whoever a superuser lends their eyes`;
  if (!may) return denied(about, version >= 100_000 ? why : old, remedy);
  try {
    const sql = replicationSql(version);
    const hidden = standby
      ? readStandby(await session.query(sql.standby, QUERY)).receiver.is === 'hidden'
      : readSenders(await session.query(sql.senders, QUERY)).some(
          ({ state }) => state === undefined,
        );
    return hidden
      ? denied(about, 'a row is there, and its columns are hidden', remedy)
      : granted(about);
  } catch (error) {
    return notKnown(about, error instanceof Error ? error.message : String(error));
  }
}

/** A log-in for replication, tried: the server says by itself whether the role may. */
async function replicationRight(
  { io }: Asker,
  account: Account,
  { node, session, seenAs }: Entered,
): Promise<Right> {
  const about = {
    checks: ['postgres-divergence'],
    what: 'ask for the histories of timelines (a log-in for replication)',
    where: node.name,
    needed: false,
  };
  const at = placeOf(node, account);
  // 9.3 lets nobody in for replication by the line of a database.
  const physical = session.version < 90_400;
  const told = await tried(
    io.walsender.open(at, { ...CONNECT, physical }).then((walsender) => walsender.identify(QUERY)),
  );
  if (!(told instanceof CheckFailure)) return granted(about);
  if (told.facts['noLineIn'] !== undefined)
    return denied(about, told.message, {
      host: node.name,
      into: 'pg_hba.conf; then SELECT pg_reload_conf()',
      lines: [
        hbaLine({ ...account, database: physical ? 'replication' : account.database }, seenAs),
      ],
    });
  return told.code === 'no_privilege'
    ? denied(about, told.message, {
        host: 'primary',
        into: inDatabase(account),
        lines: [`ALTER ROLE ${quoted(account.user)} REPLICATION;`],
      })
    : notKnown(about, told.message);
}
