import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAAS_TABLES } from './maas-tables.ts';
import { runIn } from './net.ts';
import { ADDRESS, NODES, PASSWORD, paths, peer, SUBNET, type Node } from './plan.ts';
import { crash, start, writeDaemon } from './processes.ts';
import { run, tryRun, until } from './shell.ts';

/* PostgreSQL 15 on both nodes: a primary, and a streaming standby made from it. */

export type PostgresState =
  | { readonly role: 'primary'; readonly timeline: number; readonly streamsTo: readonly string[] }
  | { readonly role: 'standby'; readonly receiving: boolean }
  | { readonly role: 'unreachable' };

const BIN = '/usr/lib/postgresql/15/bin';
const OWNER = 'postgres';

const home = (node: Node) => paths.daemon(node, 'postgres');
const data = (node: Node) => join(home(node), 'data');
const sockets = (node: Node) => join(home(node), 'run-sockets');

/** Writes a node's configuration: outside the data directory, which a base backup replaces. */
export async function writePostgres(node: Node): Promise<void> {
  const directory = home(node);
  const argv = [
    `setpriv --reuid=${OWNER} --regid=${OWNER} --init-groups --`,
    `${BIN}/postgres -D ${data(node)} --config-file=${directory}/postgresql.conf`,
  ];
  // A killed server's socket lock names a process that may be a zombie yet, and so seems to live.
  writeDaemon(node, 'postgres', argv, `rm -f ${sockets(node)}/.s.*\n`);
  writeFileSync(join(directory, 'postgresql.conf'), settings(node));
  writeFileSync(join(directory, 'pg_hba.conf'), hostAccess());
  mkdirSync(sockets(node), { recursive: true });
  await run(['chown', OWNER, sockets(node)]);
  await emptyData(node);
}

async function emptyData(node: Node): Promise<void> {
  rmSync(data(node), { recursive: true, force: true });
  mkdirSync(data(node), { recursive: true, mode: 0o700 });
  await run(['chown', OWNER, data(node)]);
}

function settings(node: Node): string {
  const upstream =
    `host=${ADDRESS[peer(node)]} port=5432 user=postgresrepl password=${PASSWORD.postgresrepl} ` +
    `application_name=${node} connect_timeout=3`;
  return `
data_directory = '${data(node)}'
hba_file = '${home(node)}/pg_hba.conf'
listen_addresses = '*'
unix_socket_directories = '${sockets(node)}'
cluster_name = '${node}'
max_connections = 100
shared_buffers = 16MB
# The operator's 32 segments of 16 MiB.
wal_keep_size = 512MB
primary_conninfo = '${upstream}'
# A lab loses nothing in a power cut, and starts faster.
fsync = off
# Not 'posix': a killed server would leave files in /dev/shm.
dynamic_shared_memory_type = mmap
log_line_prefix = '%m [%p] %q%u@%d '
`;
}

const hostAccess = () => `
local all         all          trust
host  replication postgresrepl ${SUBNET} scram-sha-256
${NODES.map((node) => `host  all         postgres     ${ADDRESS[node]}/32 scram-sha-256`).join('\n')}
host  all         postgres     ${SUBNET} reject
host  all         all          ${SUBNET} scram-sha-256
`;

/** Makes an empty server with the lab's roles and MAAS's database, and starts it. */
export async function createPrimary(node: Node): Promise<void> {
  const initdb = [`${BIN}/initdb`, '-D', data(node), '-N', '-E', 'UTF8', '--locale=C.UTF-8'];
  // With shared memory of its own: when a teardown takes the files from under it, it cleans nothing.
  const alone = 'mount -t tmpfs tmpfs /dev/shm && exec "$@"';
  await run(['unshare', '--ipc', '--mount', 'sh', '-c', alone, 'sh', ...asOwner, ...initdb]);
  await start(node, 'postgres');
  await waitForSql(node);
  await runSql(node, 'postgres', ROLES);
  await runSql(node, 'maasdb', GRANTS);
  await runSql(node, 'maasdb', MAAS_TABLES);
}

const ROLES = `
ALTER ROLE postgres PASSWORD '${PASSWORD.postgres}';
CREATE ROLE postgresrepl LOGIN REPLICATION PASSWORD '${PASSWORD.postgresrepl}';
CREATE ROLE pgpool LOGIN PASSWORD '${PASSWORD.pgpool}';
CREATE ROLE pgpool_sr LOGIN PASSWORD '${PASSWORD.pgpool_sr}' IN ROLE pg_monitor;
CREATE ROLE maas LOGIN PASSWORD '${PASSWORD.maas}';
CREATE ROLE maasha LOGIN REPLICATION PASSWORD '${PASSWORD.maasha}' IN ROLE pg_monitor;
CREATE DATABASE maasdb OWNER maas;
`;

// The tables of MAAS 1.x that say who listens; unlogged, as MAAS makes it: empty after a failover.
const GRANTS = `
GRANT CONNECT ON DATABASE maasdb TO maasha;
SET ROLE maas;
CREATE UNLOGGED TABLE eventloops (
  name text NOT NULL, address inet NOT NULL, port integer NOT NULL,
  updated timestamptz NOT NULL DEFAULT now(), UNIQUE (address, port));
GRANT SELECT ON eventloops TO maasha;
RESET ROLE;
CREATE SCHEMA maasha;
GRANT USAGE ON SCHEMA maasha TO maasha;
CREATE TABLE maasha.canary (region text PRIMARY KEY, token text NOT NULL, written_at timestamptz NOT NULL);
INSERT INTO maasha.canary VALUES ('lab', '', now());
GRANT SELECT, UPDATE ON maasha.canary TO maasha;
`;

/** Replaces whatever a node has by a streaming copy of its peer, which must be a primary. */
export async function rebuildStandby(node: Node): Promise<void> {
  const primary = peer(node);
  const state = await postgresState(primary);
  if (state.role !== 'primary') {
    throw new Error(`${node} cannot be rebuilt: ${primary} is no primary but ${state.role}`);
  }
  await crash(node, 'postgres');
  await emptyData(node);
  const backup = [`${BIN}/pg_basebackup`, '-D', data(node), '-h', ADDRESS[primary]];
  const options = ['-U', 'postgresrepl', '-X', 'stream', '-c', 'fast', '--no-sync'];
  await runIn(node, [...asOwner, ...backup, ...options], {
    env: { PGPASSWORD: PASSWORD.postgresrepl, PGCONNECT_TIMEOUT: '5' },
    timeout: 60_000,
  });
  writeFileSync(join(data(node), 'standby.signal'), '');
  await run(['chown', OWNER, join(data(node), 'standby.signal')]);
  await start(node, 'postgres');
  await waitForStream(node);
}

/** Promotes a node's standby by hand: pgpool learns nothing of it. */
export const promote = (node: Node): Promise<string> =>
  runSql(node, 'postgres', 'SELECT pg_promote(true, 20)');

/** Has a primary write WAL, and nothing else. */
export const writeWal = (node: Node, bytes: number): Promise<string> =>
  runSql(
    node,
    'postgres',
    `SELECT pg_logical_emit_message(false, 'lab', repeat('x', ${bytes})); CHECKPOINT`,
  );

/** Waits until a standby streams from its peer. */
export async function waitForStream(node: Node): Promise<void> {
  const streaming = await until(20_000, async () => {
    const state = await postgresState(peer(node));
    return state.role === 'primary' && state.streamsTo.includes(node) ? true : undefined;
  });
  if (streaming === undefined) throw new Error(`${node} does not stream from ${peer(node)}`);
}

/** What a node's own server says of itself, asked on its Unix socket. */
export async function postgresState(node: Node): Promise<PostgresState> {
  const answer = await psql(node, 'postgres', STATE);
  const [recovering, timeline = '', streams = '', receivers] = answer.stdout.trim().split('|');
  if (answer.code !== 0) return { role: 'unreachable' };
  if (recovering === 't') return { role: 'standby', receiving: receivers === '1' };
  return {
    role: 'primary',
    timeline: Number.parseInt(timeline, 16),
    streamsTo: streams === '' ? [] : streams.split(','),
  };
}

// A WAL file's name begins with the timeline: exact at once after a promotion, unlike pg_control.
const STATE = `
SELECT pg_is_in_recovery(),
  CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END,
  (SELECT string_agg(application_name, ',') FROM pg_stat_replication WHERE state = 'streaming'),
  (SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming')`;

/** The nodes whose server says that it is a primary. */
export async function primaries(): Promise<Node[]> {
  const states = await Promise.all(NODES.map(async (node) => (await postgresState(node)).role));
  return NODES.filter((_, index) => states[index] === 'primary');
}

async function waitForSql(node: Node): Promise<void> {
  const up = await until(20_000, async () =>
    (await psql(node, 'postgres', 'SELECT 1')).code === 0 ? true : undefined,
  );
  if (up === undefined) throw new Error(`PostgreSQL on ${node} does not answer`);
}

/** Runs statements as the superuser on a node's own server and gives what it answers. @throws Error when one fails. */
export async function runSql(node: Node, database: string, statements: string): Promise<string> {
  const ran = await psql(node, database, statements);
  if (ran.code !== 0) throw new Error(`PostgreSQL on ${node}: ${ran.stderr.trim()}`);
  return ran.stdout.trim();
}

const psql = (node: Node, database: string, statements: string) =>
  tryRun(['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', sockets(node), '-U', OWNER, database], {
    input: statements,
    env: { PGCONNECT_TIMEOUT: '2' },
    timeout: 4_000,
  });

const asOwner = ['setpriv', `--reuid=${OWNER}`, `--regid=${OWNER}`, '--init-groups', '--'];
