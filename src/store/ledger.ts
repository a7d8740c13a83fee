import type { Delivery } from '../../alerts/outbox/delivery.ts';
import { instant, isoTime, seconds, type Clock, type Instant, type Seconds } from '../core/time.ts';
import { StoreGone, wordsOf } from './failure.ts';
import { MemoryStore } from './memory.ts';
import { assertPlain } from './plain.ts';
import { salvage } from './salvage.ts';
import { Shelf } from './shelf.ts';
import { openSqlite, type Opened, type Replaced } from './sqlite.ts';
import type { Change, Entry, Question, Store } from './store.ts';
import { Unsaved } from './unsaved.ts';

export interface LedgerOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** The first sentence of every outage; `trouble` tells how it goes on. */
  readonly onTrouble: (says: string) => void;
  /** The end of an outage: everything is durable again. */
  readonly onMended?: (says: string) => void;
  /** Why nothing is durable although somebody wanted it: what `trouble` says of a ledger in memory. */
  readonly because?: string;
  /** Called at the places where a test kills the process: `commit:before`, `commit:after`. */
  readonly at?: (label: string) => void;
  /** How long a delivery that has come to rest stays in memory after its episode is over. */
  readonly lately?: Seconds;
  /** How many journal lines are kept in memory while they cannot be written. */
  readonly lines?: number;
}

const DAY = seconds(86_400);
const LINES = 5000;

/**
 * What the monitor must not forget: its working set in memory, written through to a store. A store
 * that breaks is said once and stops nothing: what it did not take is kept, merged, and written by
 * the next commit or `retry` that succeeds.
 */
export class Ledger {
  /** Set when the file that was found could not be read and was moved aside. */
  readonly replaced: Replaced | undefined;
  #store: Store;
  readonly #again: (() => Opened) | undefined;
  readonly #options: LedgerOptions;
  readonly #documents: Map<string, unknown>;
  readonly #shelf = new Shelf();
  readonly #unsaved: Unsaved;
  /** The outage that goes on. */
  #outage: { readonly since: Instant; readonly why: string } | undefined;
  /** What the owner has to be told, once memory is as it should be. */
  #news: (() => void)[] = [];
  /** A pruning that has not been done. */
  #overdue: Instant | undefined;

  private constructor(store: Store, options: LedgerOptions, opened?: Opened) {
    this.#store = store;
    this.#again = opened?.again;
    this.#options = options;
    this.replaced = opened?.replaced;
    this.#unsaved = new Unsaved(options.lines ?? LINES);
    const { documents, deliveries } = store.load(recent(options));
    this.#documents = new Map(Object.entries(documents));
    for (const delivery of deliveries) this.#shelf.put(delivery);
  }

  /**
   * Opens the file, or without one a ledger that ends with the process. `beginWith` is for that one:
   * a file that cannot be written and may perhaps be read; nothing is ever written there.
   *
   * @throws StoreBusy when another process has it; StoreFailure when it cannot be opened: the caller
   *   may open one without a file instead, give the failure's message as `because` and the file as
   *   `beginWith`.
   */
  static async open(
    options: LedgerOptions & { readonly file?: string; readonly beginWith?: string },
  ): Promise<Ledger> {
    const { file, beginWith, clock, lines = LINES } = options;
    if (file !== undefined) {
      const opened = await openSqlite(file, { clock });
      return new Ledger(opened.store, options, opened);
    }
    const store = new MemoryStore(lines);
    if (beginWith !== undefined) {
      const found = await salvage(beginWith, { clock, recent: recent(options), lines });
      store.commit(found ?? {});
    }
    return new Ledger(store, options);
  }

  /** A ledger on a store that is open. @throws what its `load` throws. */
  static on(store: Store, options: LedgerOptions): Ledger {
    return new Ledger(store, options);
  }

  document(key: string): unknown {
    return this.#documents.get(key);
  }

  /** Those of every live episode, and of those that ended lately; in the order of their creation. */
  deliveries(): readonly Delivery[] {
    return this.#shelf.all();
  }

  delivery(id: string): Delivery | undefined {
    return this.#shelf.get(id);
  }

  deliveriesOfChannel(channel: string): readonly Delivery[] {
    return this.#shelf.ofChannel(channel);
  }

  deliveriesOfEpisode(episode: string): readonly Delivery[] {
    return this.#shelf.ofEpisode(episode);
  }

  /** What is not durable, since when and why; undefined when all is. */
  get trouble(): string | undefined {
    if (this.#outage === undefined) return this.#options.because;
    const { since, why } = this.#outage;
    return `the store cannot be written since ${isoTime(since)}: ${why}; ${String(this.#unsaved)}`;
  }

  /**
   * True in memory at once. Never throws for a broken store.
   *
   * @returns whether the change, and all before it, is durable.
   * @throws TypeError when the change is not plain data; then nothing of it is done.
   */
  commit(change: Change): boolean {
    this.#options.at?.('commit:before');
    const saved = this.#save(change);
    for (const [key, value] of Object.entries(change.documents ?? {})) {
      if (value === undefined) this.#documents.delete(key);
      else this.#documents.set(key, value);
    }
    for (const delivery of change.deliveries ?? []) this.#shelf.put(delivery);
    this.#options.at?.('commit:after');
    this.#tell();
    return saved && this.#options.because === undefined;
  }

  /** Tries to write what is unsaved. @returns whether all is durable now. */
  retry(): boolean {
    if (this.#outage !== undefined) this.#save({});
    this.#tell();
    return this.trouble === undefined;
  }

  /** The newest lines that fit, oldest first, unsaved ones included. @throws when the store cannot be read. */
  journal(question: Question): readonly Entry[] {
    const unsaved = this.#unsaved.journal(question);
    const most = question.most - unsaved.length;
    return most <= 0 ? unsaved : [...this.#store.journal({ ...question, most }), ...unsaved];
  }

  /** Forgets journal lines and deliveries that came to rest before this, unless their episode is live. */
  prune(before: Instant): void {
    this.#shelf.prune(recent(this.#options));
    this.#overdue = before;
    this.#save({});
    this.#tell();
  }

  /** Writes what it still can and lets go of the store. */
  close(): void {
    this.retry();
    this.#store.close();
  }

  #save(change: Change): boolean {
    const { lost } = this.#unsaved;
    try {
      this.#store.commit(this.#unsaved.isEmpty ? change : this.#unsaved.with(change));
    } catch (error) {
      // A change that can never be written would keep all others out.
      assertPlain(change);
      const gone = error instanceof StoreGone;
      if (gone) this.#unsaved.add(this.#everything());
      this.#unsaved.add(change);
      if (!gone || !this.#savedAnew(error)) {
        this.#begin(error);
        return false;
      }
    }
    this.#unsaved.clear();
    if (this.#pruned()) this.#end(lost);
    return true;
  }

  #everything(): Change {
    return { documents: Object.fromEntries(this.#documents), deliveries: this.deliveries() };
  }

  /** The file was taken away under us: writes all that is known into a new one. */
  #savedAnew(gone: StoreGone): boolean {
    if (this.#again === undefined) return false;
    try {
      this.#store.close();
      this.#store = this.#again().store;
      this.#store.commit(this.#unsaved.with({}));
    } catch {
      return false;
    }
    this.#news.push(() => {
      this.#options.onTrouble(
        `${gone.message}; what goes on was written into a new one, without what the journal held`,
      );
    });
    return true;
  }

  /** Only once all is saved: what the store alone would call finished may go on in memory. */
  #pruned(): boolean {
    if (this.#overdue === undefined) return true;
    try {
      this.#store.prune(this.#overdue);
    } catch (error) {
      this.#begin(error);
      return false;
    }
    this.#overdue = undefined;
    return true;
  }

  #begin(error: unknown): void {
    if (this.#outage !== undefined) return;
    this.#outage = { since: this.#options.clock.now(), why: wordsOf(error) };
    const says = `${this.trouble ?? ''}; alerting goes on from memory`;
    this.#news.push(() => {
      this.#options.onTrouble(says);
    });
  }

  #end(lost: number): void {
    if (this.#outage === undefined) return;
    const { since } = this.#outage;
    this.#outage = undefined;
    const all = lost === 0 ? 'nothing was lost' : `${lost} journal lines were lost`;
    const says = `the store is written again, as it was not since ${isoTime(since)}; ${all}`;
    this.#news.push(() => {
      this.#options.onMended?.(says);
    });
  }

  #tell(): void {
    const news = this.#news;
    this.#news = [];
    for (const tell of news) tell();
  }
}

const recent = ({ clock, lately = DAY }: LedgerOptions): Instant =>
  instant(clock.now() - lately * 1000);
