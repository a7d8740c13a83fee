import type { Delivery } from '../../alerts/outbox/delivery.ts';
import type { Instant } from '../core/time.ts';
import { liveEpisodes, traceOf } from './live.ts';

type ById = Map<string, Delivery>;

/** Deliveries in memory, found by id, channel and episode; always in the order in which they were first put there. */
export class Shelf {
  readonly #all: ById = new Map();
  readonly #channels = new Map<string, ById>();
  readonly #episodes = new Map<string, ById>();

  put(delivery: Delivery): void {
    this.#all.set(delivery.id, delivery);
    within(this.#channels, delivery.channel).set(delivery.id, delivery);
    within(this.#episodes, delivery.episode).set(delivery.id, delivery);
  }

  get(id: string): Delivery | undefined {
    return this.#all.get(id);
  }

  all(): readonly Delivery[] {
    return [...this.#all.values()];
  }

  ofChannel(channel: string): readonly Delivery[] {
    return [...(this.#channels.get(channel)?.values() ?? [])];
  }

  ofEpisode(episode: string): readonly Delivery[] {
    return [...(this.#episodes.get(episode)?.values() ?? [])];
  }

  /** Forgets the episodes of which nothing is owed and nothing has come to rest since. */
  prune(recent: Instant): void {
    const live = liveEpisodes(this.all().map(traceOf), recent);
    for (const [episode, deliveries] of this.#episodes) {
      if (live.has(episode)) continue;
      this.#episodes.delete(episode);
      for (const { id, channel } of deliveries.values()) {
        this.#all.delete(id);
        const others = this.#channels.get(channel);
        others?.delete(id);
        if (others?.size === 0) this.#channels.delete(channel);
      }
    }
  }
}

function within(index: Map<string, ById>, key: string): ById {
  const known = index.get(key);
  if (known !== undefined) return known;
  const fresh: ById = new Map();
  index.set(key, fresh);
  return fresh;
}
