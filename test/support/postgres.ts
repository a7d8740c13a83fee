import { randomBytes, randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { Row } from '../../src/core/ports/postgres.ts';
import {
  configure,
  copyCluster,
  createRoles,
  follow,
  initialise,
  writeIn,
  type ClusterSettings,
} from './postgres-cluster.ts';
import { networkLink, type NetworkLink, type Place } from './postgres-link.ts';
import {
  endServer,
  killServer,
  openWorkshop,
  signalAll,
  signalProcess,
  startServer,
  type Build,
  type Postmaster,
  type Workshop,
} from './postgres-process.ts';

export type Side = 'primary' | 'standby';

export interface PairOptions {
  /** Where the two listen: addresses of the loopback network. */
  readonly primary: Place;
  readonly standby: Place;
  /** What the two call themselves to each other; by default the side at the start. */
  readonly names?: Readonly<Record<Side, string>>;
  /** The password of the role `maasha`; by default a random one. */
  readonly password?: string;
  /** Further settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Files that these settings name, for both servers, readable by the server alone. */
  readonly files?: Readonly<Record<string, string>>;
  /** By default the PostgreSQL that is installed for all tests. */
  readonly build?: Build;
}

/** Two addresses of the loopback network that nobody else uses at the moment. */
export function freshPlaces(): Readonly<Record<Side, Place>> {
  const net = `127.${randomInt(1, 255)}.${randomInt(0, 256)}`;
  return { primary: { host: `${net}.32`, port: 5432 }, standby: { host: `${net}.33`, port: 5432 } };
}

/**
 * A real primary and its streaming standby. `primary` and `standby` stay the names of the two servers
 * that were started as such, whatever becomes of them.
 */
export interface Pair {
  readonly place: Readonly<Record<Side, Place>>;
  readonly user: 'maasha';
  readonly password: string;
  readonly database: 'maasdb';
  /** Runs statements as the superuser and gives the rows of the last one, as text. */
  sql(side: Side, text: string): Promise<readonly Row[]>;
  /** Stops all processes of a server where they stand: it accepts and says nothing. */
  freeze(side: Side): void;
  thaw(side: Side): void;
  /** Stops only the process on the primary that sends WAL; the returned function lets it go on. */
  freezeSender(): Promise<() => void>;
  /** SIGKILL for every process of a server. */
  crash(side: Side): Promise<void>;
  /** Starts a server that is not running on the data that it has. */
  start(side: Side): Promise<void>;
  promote(side: Side): Promise<void>;
  /** Has a server that is not running start as a standby, on the data that it has. */
  demote(side: Side): Promise<void>;
  /** Resets the connections between the two and refuses new ones. */
  cut(): void;
  /** Keeps the connections between the two and lets nothing through. */
  silence(): void;
  restore(): void;
  /** Makes a server anew as the standby of the other one, whatever it was. */
  rebuild(side: Side): Promise<void>;
  /** Resolves when the standby streams and has replayed all that the other one has written. */
  caughtUp(side: Side): Promise<void>;
  stop(): Promise<void>;
}

const OTHER: Readonly<Record<Side, Side>> = { primary: 'standby', standby: 'primary' };

export async function startPair(options: PairOptions): Promise<Pair> {
  const workshop = await openWorkshop(options.build);
  const pair = new RealPair(workshop, options);
  try {
    await pair.begin();
    return pair;
  } catch (error) {
    await pair.stop();
    throw error;
  }
}

class RealPair implements Pair {
  readonly place: Readonly<Record<Side, Place>>;
  readonly user = 'maasha';
  readonly password: string;
  readonly database = 'maasdb';
  readonly #workshop: Workshop;
  readonly #options: PairOptions;
  readonly #secret = randomBytes(12).toString('hex');
  readonly #running = new Map<Side, Postmaster>();
  /** By the side that is asked. */
  readonly #links = new Map<Side, NetworkLink>();

  constructor(workshop: Workshop, options: PairOptions) {
    this.#workshop = workshop;
    this.#options = options;
    this.place = { primary: options.primary, standby: options.standby };
    this.password = options.password ?? randomBytes(12).toString('hex');
  }

  async begin(): Promise<void> {
    for (const side of ['primary', 'standby'] as const) {
      const link = await networkLink(this.place[side], this.place[OTHER[side]].host);
      this.#links.set(side, link);
    }
    const [first, second] = [this.#data('primary'), this.#data('standby')];
    await initialise(this.#workshop, first);
    // Before the roles, because a standby must allow as many connections as its primary ever did.
    await this.#configure('primary');
    await createRoles(this.#workshop, first, { superuser: this.#secret, monitor: this.password });
    await copyCluster(this.#workshop, first, second);
    await this.#configure('standby');
    await this.#follow('standby');
    await Promise.all([this.start('primary'), this.start('standby')]);
    await this.caughtUp('standby');
  }

  async sql(side: Side, text: string): Promise<readonly Row[]> {
    const client = this.#client(side);
    try {
      await client.connect();
      const results: unknown = await client.query(text);
      const last = (Array.isArray(results) ? results.at(-1) : results) as { rows: readonly Row[] };
      return last.rows;
    } finally {
      await client.end();
    }
  }

  freeze(side: Side): void {
    signalAll(this.#postmaster(side), 'SIGSTOP');
  }

  thaw(side: Side): void {
    signalAll(this.#postmaster(side), 'SIGCONT');
  }

  async freezeSender(): Promise<() => void> {
    const [row] = await this.sql('primary', 'SELECT pid FROM pg_stat_replication');
    const pid = Number(row?.['pid']);
    if (!(pid > 0)) throw new Error('the primary sends to nobody');
    signalProcess(pid, 'SIGSTOP');
    return () => {
      signalProcess(pid, 'SIGCONT');
    };
  }

  async crash(side: Side): Promise<void> {
    const postmaster = this.#postmaster(side);
    this.#running.delete(side);
    await killServer(postmaster);
  }

  async start(side: Side): Promise<void> {
    const postmaster = startServer(this.#workshop, this.#data(side));
    this.#running.set(side, postmaster);
    await postmaster.ready;
  }

  async promote(side: Side): Promise<void> {
    // What pg_ctl does, in every version.
    await writeIn(this.#workshop, join(this.#data(side), 'promote'), '');
    signalProcess(this.#postmaster(side).pid, 'SIGUSR1');
    for (;;) {
      const [row] = await this.sql(side, 'SELECT pg_is_in_recovery() AS recovering');
      if (row?.['recovering'] === 'f') return;
      await pause(20);
    }
  }

  demote(side: Side): Promise<void> {
    return this.#follow(side);
  }

  cut(): void {
    for (const link of this.#links.values()) link.cut();
  }

  silence(): void {
    for (const link of this.#links.values()) link.silence();
  }

  restore(): void {
    for (const link of this.#links.values()) link.restore();
  }

  async rebuild(side: Side): Promise<void> {
    const source = OTHER[side];
    if (this.#running.has(side)) await this.crash(side);
    await rm(this.#data(side), { recursive: true, force: true });
    const client = this.#client(source);
    await client.connect();
    try {
      const [begin, end] =
        this.#workshop.major >= 15
          ? [`pg_backup_start('rebuild', true)`, 'pg_backup_stop(false)']
          : [`pg_start_backup('rebuild', true, false)`, 'pg_stop_backup(false)'];
      await client.query(`SELECT ${begin}`);
      await copyCluster(this.#workshop, this.#data(source), this.#data(side));
      const { rows } = await client.query<{ label: string }>(
        `SELECT labelfile AS label FROM ${end}`,
      );
      const label = join(this.#data(side), 'backup_label');
      await writeIn(this.#workshop, label, rows[0]?.label ?? '');
    } finally {
      await client.end();
    }
    await this.#configure(side);
    await this.#follow(side);
    await this.start(side);
    await this.caughtUp(side);
  }

  async caughtUp(side: Side): Promise<void> {
    for (;;) {
      const [source] = await this.sql(
        OTHER[side],
        `SELECT pg_current_wal_flush_lsn() AS lsn, count(*) FILTER (WHERE state = 'streaming') AS streams
         FROM pg_stat_replication`,
      );
      const [row] = await this.sql(
        side,
        `SELECT pg_last_wal_replay_lsn() >= '${source?.['lsn'] ?? '0/0'}' AS level`,
      );
      if (source?.['streams'] !== '0' && row?.['level'] === 't') return;
      await pause(20);
    }
  }

  async stop(): Promise<void> {
    const running = [...this.#running.values()];
    this.#running.clear();
    await Promise.all(running.map(endServer));
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    await this.#workshop.close();
  }

  #client(side: Side): Client {
    const client = new Client({
      ...this.place[side],
      user: 'postgres',
      password: this.#secret,
      database: this.database,
      types: { getTypeParser: () => (value: string) => value },
    });
    client.on('error', () => undefined);
    return client;
  }

  #data(side: Side): string {
    return join(this.#workshop.directory, side);
  }

  #postmaster(side: Side): Postmaster {
    const found = this.#running.get(side);
    if (found === undefined) throw new Error(`${side} is not running`);
    return found;
  }

  #configure(side: Side): Promise<void> {
    return configure(this.#workshop, this.#data(side), this.#settings(side));
  }

  #settings(side: Side): ClusterSettings {
    const upstream = this.#links.get(OTHER[side]);
    if (upstream === undefined) throw new Error('no network yet');
    return {
      listen: this.place[side],
      upstream,
      name: this.#options.names?.[side] ?? side,
      password: this.#secret,
      more: this.#options.settings ?? {},
      files: this.#options.files ?? {},
    };
  }

  #follow(side: Side): Promise<void> {
    return follow(this.#workshop, this.#data(side), this.#settings(side));
  }
}
