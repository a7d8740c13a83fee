import type { Delivery } from '../../alerts/outbox/delivery.ts';
import type { Instant } from '../core/time.ts';
import { Lines } from './lines.ts';
import { liveEpisodes, restedAt, traceOf } from './live.ts';
import type { Change, Entry, Question, Store } from './store.ts';

/** A store that ends with the process; its journal holds the newest `lines`. */
export class MemoryStore implements Store {
  readonly #documents = new Map<string, unknown>();
  readonly #deliveries = new Map<string, Delivery>();
  readonly #journal: Lines;

  constructor(lines = 10_000) {
    this.#journal = new Lines(lines);
  }

  load(recent: Instant): ReturnType<Store['load']> {
    const all = [...this.#deliveries.values()];
    const live = liveEpisodes(all.map(traceOf), recent);
    return {
      documents: Object.fromEntries(this.#documents),
      deliveries: all.filter(({ episode }) => live.has(episode)),
    };
  }

  commit({ documents = {}, deliveries = [], journal = [] }: Change): void {
    for (const [key, value] of Object.entries(documents)) {
      if (value === undefined) this.#documents.delete(key);
      else this.#documents.set(key, value);
    }
    for (const delivery of deliveries) this.#deliveries.set(delivery.id, delivery);
    this.#journal.add(journal);
  }

  journal(question: Question): readonly Entry[] {
    return this.#journal.ask(question);
  }

  prune(before: Instant): void {
    this.#journal.prune(before);
    const all = [...this.#deliveries.values()];
    const live = liveEpisodes(all.map(traceOf), before);
    for (const delivery of all) {
      if (!live.has(delivery.episode) && (restedAt(delivery) ?? before) < before) {
        this.#deliveries.delete(delivery.id);
      }
    }
  }

  close(): void {
    // Nothing is open.
  }
}
