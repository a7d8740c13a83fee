import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { seconds } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { startPair, type Pair } from '../support/postgres.ts';
import { declarePrimary, writeConfig, type Listen } from './config.ts';
import { SimSlave } from './dns-slave.ts';
import type { SimDnsServer } from './dns-server.ts';
import { FAULTS, type SimFault } from './faults.ts';
import { dnsServer, listeners, type Answers } from './listeners.ts';
import { SimTables } from './maas-tables.ts';
import { Outlets } from './outlets.ts';
import { healthTurn } from './pgpool.ts';
import { addressesIn, NODES, PORT, type Addresses, type Node } from './plan.ts';
import { report, type SimStatus } from './report.ts';
import { healthyState, watchdogTurn, type Done } from './state.ts';

/*
 * The simulated region: the topology of the real one on loopback addresses, in this process, with a real
 * PostgreSQL primary and standby. For machines without network namespaces, and for contract tests.
 */

export interface SimulationOptions {
  /** Where maasha.yaml and its secrets are written; made, and removed at the end, if it is not there. */
  readonly dir: string;
  /** Where the monitor is to serve; default 127.0.0.1:9877. */
  readonly listen?: Listen;
  /** First three octets of the loopback network to live in; default 127.31.16. */
  readonly network?: string;
  /** When it aborts during the start, what was begun is undone and the start fails. */
  readonly signal?: AbortSignal;
}

export interface Simulation {
  /** The monitor's configuration for this region. */
  readonly configFile: string;
  readonly faults: Readonly<Record<string, Pick<SimFault, 'about' | 'shows'>>>;
  /** Breaks one thing. @throws RangeError for a name that is no fault's. */
  inject(name: string): Promise<Done>;
  /** Heals one fault, or `all`, and waits for health if no other one is left. */
  heal(name: string): Promise<SimStatus>;
  status(): SimStatus;
  /** Ends everything and removes every file; may be called twice. */
  stop(): Promise<void>;
}

const TURN = 500;
const REFRESH = seconds(2);
const HEAL_LIMIT = 60_000;

/** @throws Error in words when a port is taken or PostgreSQL cannot be started; nothing is left then. */
export async function startSimulation(options: SimulationOptions): Promise<Simulation> {
  const region = new SimRegion(addressesIn(options.network ?? '127.31.16'));
  try {
    await region.start(options);
    return region;
  } catch (error) {
    await region.stop();
    throw error;
  }
}

const epochSeconds = (): number => Math.round(systemClock.now() / 1000);
const secret = (): string => randomBytes(16).toString('hex');

class SimRegion implements Simulation {
  readonly faults = FAULTS;
  configFile = '';
  readonly #addresses: Addresses;
  readonly #state = healthyState(epochSeconds());
  readonly #life = new AbortController();
  /** What is to be undone, the newest last. */
  readonly #ends: (() => Promise<void> | void)[] = [];
  readonly #dns: Partial<Record<Node, SimDnsServer>> = {};
  readonly #slaves: Partial<Record<Node, SimSlave>> = {};
  #pair: Pair | undefined;
  #tables: SimTables | undefined;
  #outlets: Outlets | undefined;
  #busy: Promise<unknown> = Promise.resolve();
  #healing: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
  }

  async start({ dir, listen, signal }: SimulationOptions): Promise<void> {
    const { node: address, vip } = this.#addresses;
    // The ports first: a second simulation is found out before anything slow begins.
    for (const node of NODES) {
      const server = await dnsServer({ host: address[node], port: PORT.slave });
      this.#ends.push(() => server.close());
      this.#dns[node] = server;
    }
    const place = (node: Node) => ({ host: address[node], port: PORT.postgres });
    const pair = await startPair({
      primary: place('rc1'),
      standby: place('rc2'),
      names: { primary: 'rc1', standby: 'rc2' },
    });
    this.#pair = pair;
    this.#ends.push(() => pair.stop());
    signal?.throwIfAborted();
    this.#tables = new SimTables(pair, this.#addresses);
    await this.#tables.install();
    await this.#tables.turn(this.#state);
    const answers: Answers = {
      state: this.#state,
      addresses: this.#addresses,
      pair,
      pcp: { user: 'root', password: secret() },
      rpcSecret: secret(),
    };
    const outlets = new Outlets(() => listeners(answers));
    this.#outlets = outlets;
    this.#ends.push(() => outlets.close());
    await outlets.settle();
    this.#startSlaves(vip);
    const secrets = { postgres: pair.password, pcp: answers.pcp.password, rpc: answers.rpcSecret };
    const at = listen ?? { host: '127.0.0.1', port: 9877 };
    const written = writeConfig(dir, this.#addresses, at, secrets);
    this.#ends.push(written.remove);
    this.configFile = written.configFile;
    const turning = this.#turn();
    this.#ends.push(() => turning);
    signal?.throwIfAborted();
  }

  #startSlaves(vip: string): void {
    const master = { host: vip, port: PORT.master };
    for (const [node, server] of Object.entries(this.#dns) as [Node, SimDnsServer][]) {
      // As after a first transfer: a slave starts with the master's own version.
      for (const [zone, { serial }] of this.#state.zones.rc1) server.zones.set(zone, { serial });
      const slave = new SimSlave(server, master, systemClock);
      slave.follow(REFRESH);
      this.#slaves[node] = slave;
      this.#ends.push(() => {
        slave.close();
      });
    }
  }

  /** pgpool's and the watchdog's own life, until the end. */
  async #turn(): Promise<void> {
    const { signal } = this.#life;
    while (!signal.aborted) {
      await this.#alone(async () => {
        watchdogTurn(this.#state);
        await healthTurn(this.#state, this.#running.pair, epochSeconds);
        await this.#tables?.turn(this.#state);
        await this.#running.outlets.settle();
      }).catch((error: unknown) => {
        if (!signal.aborted) process.emitWarning(error as Error);
      });
      await pause(TURN, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One at a time: a turn must not judge what a fault is about to change. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#busy.then(() => {
      this.#life.signal.throwIfAborted();
      return work();
    });
    this.#busy = turn.catch(() => undefined);
    return turn;
  }

  async inject(name: string): Promise<Done> {
    const fault = this.#fault(name);
    if (this.#state.faults.has(name)) throw new Error(`${name} is already injected: heal it first`);
    return this.#alone(async () => {
      const done = await fault.inject(this.#breakable());
      this.#state.faults.set(name, done);
      await this.#running.outlets.settle();
      return done;
    });
  }

  heal(name: string): Promise<SimStatus> {
    const turn = this.#healing.then(() => this.#heal(name));
    this.#healing = turn.catch(() => undefined);
    return turn;
  }

  async #heal(name: string): Promise<SimStatus> {
    if (name !== 'all') this.#fault(name);
    const chosen = [...this.#state.faults].reverse();
    for (const [one, done] of chosen.filter(([each]) => name === 'all' || each === name)) {
      this.#life.signal.throwIfAborted();
      // Not alone: it may have to wait for what pgpool does in its turns.
      await this.#fault(one).heal(this.#breakable(), done);
      this.#state.faults.delete(one);
      await this.#running.outlets.settle();
    }
    if (this.#state.faults.size === 0) {
      await this.#comes('all is healthy', () => this.status().healthy);
      // The last step of every failover: what is declared follows what is.
      if (this.#state.primary !== undefined) declarePrimary(this.configFile, this.#state.primary);
    }
    return this.status();
  }

  status(): SimStatus {
    const served = (node: Node): readonly number[] =>
      [...(this.#dns[node]?.zones.values() ?? [])].map(({ serial }) => serial);
    return report(this.#state, { rc1: served('rc1'), rc2: served('rc2') }, this.#addresses);
  }

  stop(): Promise<void> {
    this.#life.abort(new Error('the simulation is being stopped'));
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<void> {
    await Promise.all([this.#busy, this.#healing]);
    const failures: unknown[] = [];
    for (const end of this.#ends.splice(0).reverse())
      await Promise.resolve(end()).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0] as Error;
  }

  #fault(name: string): SimFault {
    const fault = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
    if (fault !== undefined) return fault;
    throw new RangeError(
      `there is no fault ${name} in the simulation; there are ${Object.keys(FAULTS).join(', ')}`,
    );
  }

  get #running(): { readonly pair: Pair; readonly outlets: Outlets } {
    if (this.#pair === undefined || this.#outlets === undefined) throw new Error('not started');
    return { pair: this.#pair, outlets: this.#outlets };
  }

  #breakable() {
    const { rc1, rc2 } = this.#slaves;
    if (rc1 === undefined || rc2 === undefined) throw new Error('not started');
    return {
      state: this.#state,
      pair: this.#running.pair,
      slaves: { rc1, rc2 },
      now: epochSeconds,
      comes: (what: string, look: () => boolean) => this.#comes(what, look),
    };
  }

  async #comes(what: string, look: () => boolean): Promise<void> {
    const end = systemClock.steady() + HEAL_LIMIT;
    while (!look()) {
      if (systemClock.steady() > end)
        throw new Error(
          `waited ${HEAL_LIMIT / 1000} s in vain until ${what}: ${this.status().missing.join('; ')}`,
        );
      await pause(50, undefined, { signal: this.#life.signal });
    }
  }
}
