import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './postgres-link.ts';
import { run, type Workshop } from './postgres-process.ts';

/** Small, fast to start, and quick to notice; durability is not what these servers are for. */
const settingsOf = (major: number): Readonly<Record<string, string | number>> => ({
  unix_socket_directories: "''",
  shared_buffers: "'2MB'",
  // More where many regions share one simulated database, as in test/bench/scale.ts.
  max_connections: Number(process.env['MAASHA_SIM_CONNECTIONS'] ?? 40),
  fsync: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  dynamic_shared_memory_type: 'mmap',
  password_encryption: "'scram-sha-256'",
  ...(major >= 11 && { jit: 'off' }),
  ...(major >= 12 && { shared_memory_type: 'mmap' }),
  logging_collector: 'on',
  log_directory: "'log'",
  log_filename: "'server.log'",
  ...(major >= 13 ? { wal_keep_size: "'256MB'" } : { wal_keep_segments: 16 }),
  wal_receiver_status_interval: 1,
  wal_retrieve_retry_interval: "'100ms'",
});

export interface Passwords {
  readonly superuser: string;
  readonly monitor: string;
}

/** Makes a new, empty data directory. */
export async function initialise(workshop: Workshop, data: string): Promise<void> {
  const fixed = ['-U', 'postgres', '-E', 'UTF8', '--no-locale', '--no-sync'];
  if (workshop.major >= 14) fixed.push('--no-instructions');
  // Nobody is trusted in the end: pg_hba.conf is written anew before the server starts.
  await tool(workshop, 'initdb', ['-D', data, '-A', 'trust', ...fixed]);
  const sources = ['all', 'replication'];
  await writeIn(
    workshop,
    join(data, 'pg_hba.conf'),
    sources.map((name) => `host ${name} all 127.0.0.0/8 scram-sha-256\n`).join(''),
  );
}

/** Makes the roles before the first start, in single-user mode. */
export async function createRoles(
  workshop: Workshop,
  data: string,
  { superuser, monitor }: Passwords,
): Promise<void> {
  const statements = [
    `ALTER ROLE postgres PASSWORD '${superuser}'`,
    `CREATE ROLE maasha LOGIN REPLICATION PASSWORD '${monitor}'`,
    'GRANT pg_monitor TO maasha',
    `CREATE ROLE plain LOGIN PASSWORD '${monitor}'`,
    `CREATE ROLE replicator LOGIN REPLICATION PASSWORD '${superuser}'`,
    'CREATE DATABASE maasdb',
  ];
  const parameters = ['--single', '-D', data, '-F', 'postgres'];
  await tool(workshop, 'postgres', parameters, `${statements.join(';\n')};\n`);
}

export interface ClusterSettings {
  readonly listen: Place;
  /** Where the other server is reached, should this one become its standby. */
  readonly upstream: Place;
  readonly name: string;
  readonly password: string;
  readonly more: Readonly<Record<string, string | number>>;
  /** Files beside the settings, which name them: certificates and keys. */
  readonly files: Readonly<Record<string, string>>;
}

const connectionInfo = ({ upstream, name, password }: ClusterSettings): string =>
  `host=${upstream.host} port=${upstream.port} user=replicator password=${password} application_name=${name}`;

export async function configure(
  workshop: Workshop,
  data: string,
  cluster: ClusterSettings,
): Promise<void> {
  const { listen, more, files } = cluster;
  const settings = {
    ...settingsOf(workshop.major),
    ...more,
    listen_addresses: `'${listen.host}'`,
    port: listen.port,
    ...(workshop.major >= 12 && { primary_conninfo: `'${connectionInfo(cluster)}'` }),
  };
  for (const [file, text] of Object.entries(files)) {
    await writeIn(workshop, join(data, file), text);
    await tool(workshop, 'chmod', ['600', join(data, file)]);
  }
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  await writeIn(workshop, join(data, 'postgresql.auto.conf'), lines.join(''));
}

/** Has a server start as a standby, as its version wants it. */
export const follow = (
  workshop: Workshop,
  data: string,
  cluster: ClusterSettings,
): Promise<void> =>
  workshop.major >= 12
    ? writeIn(workshop, join(data, 'standby.signal'), '')
    : writeIn(
        workshop,
        join(data, 'recovery.conf'),
        `standby_mode = on\nrecovery_target_timeline = 'latest'\nprimary_conninfo = '${connectionInfo(cluster)}'\n`,
      );

/** Copies a data directory, without what belongs to the one server only. */
export async function copyCluster(workshop: Workshop, from: string, to: string): Promise<void> {
  await tool(workshop, 'cp', ['-a', from, to]);
  const own = ['postmaster.pid', 'postmaster.opts', 'standby.signal', 'postgresql.auto.conf'];
  own.push('recovery.conf', 'recovery.done');
  for (const name of own) await rm(join(to, name), { force: true });
}

/** Writes a file as the user that owns the data directory. */
export const writeIn = (workshop: Workshop, path: string, text: string): Promise<void> =>
  tool(workshop, 'tee', [path], text);

const OURS: readonly string[] = ['initdb', 'postgres'];

const tool = (
  { directory, identity, programs }: Workshop,
  name: string,
  parameters: readonly string[],
  input = '',
): Promise<void> =>
  run(OURS.includes(name) ? join(programs, name) : name, parameters, {
    identity,
    cwd: directory,
    input,
  });
