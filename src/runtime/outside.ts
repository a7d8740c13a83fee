import type { Notifier } from '../../alerts/notifier.ts';
import type { Alerting as Settings } from '../config/alerting.ts';
import type { Config } from '../config/load.ts';
import {
  alertPaths,
  type AlertPath,
  type Resolved,
  type Surroundings,
} from '../core/alert-path.ts';
import type { MonitorFacts } from '../core/ports/monitor.ts';
import type { PingPort } from '../core/ports/ping.ts';
import type { Region } from '../core/region.ts';
import type { Clock } from '../core/time.ts';
import { DeadMan, type DeadManSettings, type Objection } from './dead-man.ts';

/** How the monitor reaches what is outside of it and of the regions. */
export interface OutsideHands {
  readonly ping: PingPort;
  /** The addresses of these hosts, and how this host finds its way. Never throws. */
  readonly resolve: (
    hosts: readonly string[],
  ) => Promise<{ readonly hosts: readonly Resolved[]; readonly surroundings: Surroundings }>;
}

/** What one configuration wants of the outside. */
export interface OutsideSetup {
  readonly regions: readonly Region[];
  /** By channel, the hosts that it reaches. */
  readonly reaches: ReadonlyMap<string, readonly string[]>;
  readonly deadMan?: DeadManSettings;
  /** Why no ping may be sent now. */
  readonly objections: readonly Objection[];
}

/** What this configuration wants of the outside. */
export function outsideSetup(
  { regions }: Config,
  { channels, deadMan }: Settings,
  notifiers: readonly Notifier[],
  objections: readonly Objection[],
): OutsideSetup {
  const reaches = channels.map(({ name, notifier, settings }) => {
    const found = notifiers.find((each) => each.name === notifier);
    return [name, found?.reaches(settings) ?? []] as const;
  });
  return {
    regions,
    reaches: new Map(reaches),
    objections,
    ...(deadMan !== undefined && { deadMan: { ...deadMan, method: 'GET' } }),
  };
}

/** The ping to a watcher outside, and the proof that the way to the people does not lead through a region. */
export class Outside {
  readonly #hands: OutsideHands;
  readonly #setup: OutsideSetup;
  readonly #deadMan: DeadMan | undefined;
  #paths: readonly AlertPath[] | undefined;

  constructor(setup: OutsideSetup, hands: OutsideHands, clock: Clock) {
    this.#setup = setup;
    this.#hands = hands;
    const { deadMan, objections } = setup;
    this.#deadMan =
      deadMan === undefined ? undefined : new DeadMan(deadMan, objections, hands.ping, clock);
  }

  /** Finds out anew by which way each channel is reached. */
  async look(): Promise<void> {
    const { reaches, regions } = this.#setup;
    const names = [...new Set([...reaches.values()].flat())];
    const { hosts, surroundings } = await this.#hands.resolve(names);
    const channels = [...reaches].map(([channel, wanted]) => ({
      channel,
      hosts: hosts.filter(({ host }) => wanted.includes(host)),
      // Node's fetch and our own sockets leave the environment's proxies alone.
      viaProxy: false,
    }));
    this.#paths = alertPaths(channels, surroundings, regions);
  }

  facts(): Pick<MonitorFacts, 'alertPath' | 'deadMan'> {
    return {
      ...(this.#paths !== undefined && { alertPath: this.#paths }),
      ...(this.#deadMan !== undefined && { deadMan: this.#deadMan.facts() }),
    };
  }

  async stop(): Promise<void> {
    await this.#deadMan?.stop();
  }
}
