import type { Channel, Gesture, Mirror, Notifier } from '../../alerts/notifier.ts';
import { isSettled, type Delivery } from '../../alerts/outbox/delivery.ts';
import { orphaned } from '../../alerts/outbox/outcome.ts';
import type { Route } from '../../alerts/outbox/plan.ts';
import { Worker, type Shelf } from '../../alerts/outbox/worker.ts';
import type { ChannelConfig } from '../config/alerting.ts';
import type { DeliveryFacts } from '../core/ports/monitor.ts';
import { seconds, type Clock, type Instant, type Seconds } from '../core/time.ts';
import { deliveryFacts } from './delivery-facts.ts';
import type { Ledger } from '../store/ledger.ts';
import type { Entry } from '../store/store.ts';

export interface ChannelsParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly monitor: string;
  readonly print: (line: string) => void;
  readonly onError: (error: unknown, where: string) => void;
  /** Crash points, for tests. */
  readonly at?: (label: string) => void;
  /** How fast a channel may be used; for tests. */
  readonly pace?: { readonly every: Seconds; readonly burst: number };
}

interface Open {
  readonly config: ChannelConfig;
  /** It is told of every change: see `Notifier.edits`. */
  readonly edits: boolean;
  readonly worker: Worker;
  /** What the last self-test said was wrong. */
  failed: string | undefined;
}

interface OpenMirror {
  readonly config: ChannelConfig;
  readonly mirror: Mirror;
}

/** An attempt under way may end within this when the monitor stops. */
const GRACE = seconds(5);

/** The channels of one configuration, each with its worker. */
export class Channels {
  readonly #parts: ChannelsParts;
  readonly #open = new Map<string, Open>();
  readonly #mirrors = new Map<string, OpenMirror>();
  #started = false;
  #stopped = false;

  constructor(
    configs: readonly ChannelConfig[],
    notifiers: readonly Notifier[],
    parts: ChannelsParts,
  ) {
    this.#parts = parts;
    for (const config of configs) {
      const notifier = notifiers.find(({ name }) => name === config.notifier);
      if (notifier === undefined) continue;
      const opened = notifier.open(config.settings, {
        channel: config.name,
        clock: parts.clock,
        monitor: parts.monitor,
        secret: config.secret,
        print: parts.print,
      });
      if (opened.is === 'mirror') this.#mirrors.set(config.name, { config, mirror: opened });
      else
        this.#open.set(config.name, {
          config,
          edits: notifier.edits === true,
          worker: this.#work(config, opened),
          failed: undefined,
        });
    }
  }

  /** Takes up what an earlier process left, and begins to deliver. */
  start(): void {
    const { ledger, clock } = this.#parts;
    const left = ledger.deliveries().filter((each) => !isSettled(each));
    const changed = left.flatMap((each): readonly Delivery[] => {
      if (!this.#open.has(each.channel))
        return [
          {
            ...each,
            stage: 'dead',
            settled: clock.now(),
            trouble: `${each.channel} is no longer configured`,
          },
        ];
      const next = orphaned(each, clock.now());
      return next === each ? [] : [next];
    });
    if (changed.length > 0)
      ledger.commit({
        deliveries: changed,
        journal: changed.map((each) => entryOf(each, clock.now())),
      });
    this.#started = true;
    this.wake(this.#open.keys());
  }

  /** Not before the start: what an earlier process had under way would be taken for something new. */
  wake(names: Iterable<string>): void {
    if (!this.#started) return;
    for (const name of names) this.#open.get(name)?.worker.wake();
  }

  get names(): readonly string[] {
    return [...this.#open.keys(), ...this.#mirrors.keys()];
  }

  /** Which notices go where. A mirror is shown everything as it is: no delivery is ever made for it. */
  get routes(): readonly Route[] {
    return [...this.#open.values()].map(({ config, edits }) => {
      const { name, severity, regions, escalation } = config;
      return {
        channel: name,
        edits,
        from: severity,
        level: escalation,
        ...(regions !== undefined && { regions }),
      };
    });
  }

  get mirrors(): readonly OpenMirror[] {
    return [...this.#mirrors.values()];
  }

  /** Proves every channel, and says which cannot be used. */
  async testAll(names: readonly string[] = this.names): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        try {
          await this.test(name);
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          if (!this.#stopped) this.#parts.print(`${name} cannot be used at present: ${why}`);
        }
      }),
    );
  }

  /** Proves again what failed the last time. */
  async retest(): Promise<void> {
    await this.testAll(
      [...this.#open].flatMap(([name, { failed }]) => (failed === undefined ? [] : [name])),
    );
  }

  /** Proves one channel, telling nobody. Returns what was proven. @throws DeliveryFailure */
  async test(name: string): Promise<string> {
    const mirror = this.#mirrors.get(name)?.mirror;
    if (mirror !== undefined) return mirror.test(new AbortController().signal);
    const open = this.#open.get(name);
    if (open === undefined) throw new RangeError(`no channel is named ${name}`);
    try {
      const said = await open.worker.test();
      open.failed = undefined;
      return said;
    } catch (error) {
      open.failed = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /** What people did in the channels, about episodes that go on. */
  async gestures(
    standing: readonly string[],
  ): Promise<readonly (Gesture & { readonly channel: string })[]> {
    const all = await Promise.all(
      [...this.#open].map(async ([channel, { worker }]) => {
        const threads = standing.flatMap((episode) => {
          const receipts = this.#thread(episode, channel).flatMap(({ receipt }) =>
            receipt === undefined ? [] : [receipt],
          );
          return receipts.length === 0 ? [] : [{ episode, receipts }];
        });
        if (threads.length === 0) return [];
        try {
          const found = await worker.gestures(threads);
          return found.map((gesture) => ({ ...gesture, channel }));
        } catch {
          // Asked again soon; a channel that is broken shows in what cannot be delivered.
          return [];
        }
      }),
    );
    return all.flat();
  }

  facts(): readonly DeliveryFacts[] {
    const { ledger, clock } = this.#parts;
    return [...this.#open].map(([name, { worker, failed }]) =>
      deliveryFacts(name, ledger.deliveriesOfChannel(name), worker.parked ?? failed, clock.now()),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([
      ...[...this.#open.values()].map(({ worker }) => worker.stop(GRACE)),
      ...this.mirrors.map(({ mirror }) => mirror.close()),
    ]);
  }

  #work(config: ChannelConfig, channel: Channel): Worker {
    const { ledger, clock, random, onError, at, pace } = this.#parts;
    const shelf: Shelf = {
      of: (name) => ledger.deliveriesOfChannel(name),
      thread: (episode, name) => this.#thread(episode, name),
      put: (delivery) => {
        const journal = delivery.stage === 'leased' ? [] : [entryOf(delivery, clock.now())];
        ledger.commit({ deliveries: [delivery], journal });
      },
    };
    return new Worker({
      name: config.name,
      channel,
      shelf,
      clock,
      random,
      onError,
      ...(at !== undefined && { at }),
      ...(pace !== undefined && { pace }),
    });
  }

  #thread(episode: string, channel: string): readonly Delivery[] {
    return this.#parts.ledger
      .deliveriesOfEpisode(episode)
      .filter((each) => each.channel === channel)
      .sort((a, b) => a.seq - b.seq);
  }
}

/** What became of a delivery, as the journal keeps it. */
const entryOf = (
  { id, channel, episode, notice, stage, attempts, trouble, receipt }: Delivery,
  at: Instant,
): Entry => ({
  at,
  region: notice.region,
  episode,
  what: 'delivery',
  says: {
    delivery: id,
    channel,
    kind: notice.kind,
    stage,
    attempts,
    ...(trouble !== undefined && { trouble }),
    ...(receipt !== undefined && { receipt }),
  },
});
