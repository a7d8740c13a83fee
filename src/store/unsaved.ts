import type { Delivery } from '../../alerts/outbox/delivery.ts';
import { Lines } from './lines.ts';
import type { Change, Entry, Question } from './store.ts';

/** What is only in memory, as the one change that would make all of it durable. */
export class Unsaved {
  readonly #documents = new Map<string, unknown>();
  readonly #deliveries = new Map<string, Delivery>();
  readonly #journal: Lines;

  constructor(lines: number) {
    this.#journal = new Lines(lines);
  }

  get isEmpty(): boolean {
    return this.#documents.size + this.#deliveries.size + this.#journal.all.length === 0;
  }

  /** Journal lines that no longer had room. */
  get lost(): number {
    return this.#journal.lost;
  }

  /** The newer value of a document or delivery takes the place of the older one. */
  add({ documents = {}, deliveries = [], journal = [] }: Change): void {
    for (const [key, value] of Object.entries(documents)) this.#documents.set(key, value);
    for (const delivery of deliveries) this.#deliveries.set(delivery.id, delivery);
    this.#journal.add(journal);
  }

  /** All of it and a newer change, as one. */
  with({ documents, deliveries = [], journal = [] }: Change): Change {
    return {
      documents: { ...Object.fromEntries(this.#documents), ...documents },
      deliveries: [...this.#deliveries.values(), ...deliveries],
      journal: [...this.#journal.all, ...journal],
    };
  }

  journal(question: Question): readonly Entry[] {
    return this.#journal.ask(question);
  }

  clear(): void {
    this.#documents.clear();
    this.#deliveries.clear();
    this.#journal.clear();
  }

  /** How much it is, for people. */
  toString(): string {
    const { size: documents } = this.#documents;
    const { size: deliveries } = this.#deliveries;
    const lines = this.#journal.all.length;
    const lost = this.lost === 0 ? '' : `, and ${this.lost} older journal lines are lost`;
    return `${documents} documents, ${deliveries} deliveries and ${lines} journal lines are only in memory${lost}`;
  }
}
