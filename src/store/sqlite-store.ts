import type { Database, Statement } from 'better-sqlite3';
import type { Delivery } from '../../alerts/outbox/delivery.ts';
import type { Instant } from '../core/time.ts';
import { liveEpisodes, restedAt, type Trace } from './live.ts';
import { textOf } from './plain.ts';
import type { Change, Entry, Question, Store } from './store.ts';

type TraceRow = Omit<Trace, 'settled'> & {
  readonly id: string;
  readonly settled_at: Instant | null;
};

interface JournalRow {
  readonly at: Instant;
  readonly region: string;
  readonly fingerprint: string | null;
  readonly episode: string | null;
  readonly what: Entry['what'];
  readonly says: string;
}

const UPSERT_DELIVERY = `
  INSERT INTO deliveries (id, episode, channel, seq, kind, stage, settled_at, value)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET episode = excluded.episode, channel = excluded.channel,
    seq = excluded.seq, kind = excluded.kind, stage = excluded.stage,
    settled_at = excluded.settled_at, value = excluded.value`;

const CONDITIONS = [
  ['fingerprint', 'fingerprint = ?'],
  ['episode', 'episode = ?'],
  ['region', 'region = ?'],
  ['since', 'at >= ?'],
] as const;

/** The `Store` on a database that is open, checked and ours. */
export class SqliteStore implements Store {
  readonly #database: Database;
  /** Called before every write: throws when it could not last. */
  readonly #vouch: () => void;
  readonly #release: () => void;
  readonly #prepared = new Map<string, Statement>();

  constructor(database: Database, vouch: () => void, release: () => void) {
    this.#database = database;
    this.#vouch = vouch;
    this.#release = release;
  }

  load(recent: Instant): ReturnType<Store['load']> {
    const documents = this.#rows<{ key: string; value: string }>('SELECT * FROM documents');
    const live = liveEpisodes(this.#traces(), recent);
    return {
      documents: Object.fromEntries(
        documents.map(({ key, value }) => [key, JSON.parse(value) as unknown]),
      ),
      deliveries: this.#rows<{ value: string }>(
        `SELECT value FROM deliveries WHERE episode IN (SELECT value FROM json_each(?)) ORDER BY rowid`,
        JSON.stringify([...live]),
      ).map(({ value }) => JSON.parse(value) as Delivery),
    };
  }

  commit({ documents = {}, deliveries = [], journal = [] }: Change): void {
    this.#vouch();
    const write = this.#database.transaction(() => {
      for (const [key, value] of Object.entries(documents)) this.#document(key, value);
      for (const delivery of deliveries) this.#delivery(delivery);
      for (const entry of journal) this.#entry(entry);
    });
    write.immediate();
  }

  #document(key: string, value: unknown): void {
    if (value === undefined) this.#run('DELETE FROM documents WHERE key = ?', key);
    else {
      this.#run(
        `INSERT INTO documents (key, value) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
        key,
        textOf(value, `document ${key}`),
      );
    }
  }

  #delivery(delivery: Delivery): void {
    const { id, episode, channel, seq, notice, stage } = delivery;
    const settled = restedAt(delivery) ?? null;
    const text = textOf(delivery, `delivery ${id}`);
    this.#run(UPSERT_DELIVERY, id, episode, channel, seq, notice.kind, stage, settled, text);
  }

  #entry({ at, region, fingerprint, episode, what, says }: Entry): void {
    this.#run(
      `INSERT INTO journal (at, region, fingerprint, episode, what, says) VALUES (?, ?, ?, ?, ?, ?)`,
      ...[at, region, fingerprint, episode, what, textOf(says, `a journal line of kind ${what}`)],
    );
  }

  journal(question: Question): readonly Entry[] {
    const conditions = CONDITIONS.flatMap(([field, condition]) => {
      const value = question[field];
      return value === undefined ? [] : [{ condition, value }];
    });
    const where = conditions.map(({ condition }) => condition).join(' AND ') || 'true';
    return this.#rows<JournalRow>(
      `SELECT * FROM journal WHERE ${where} ORDER BY line DESC LIMIT ?`,
      ...conditions.map(({ value }) => value),
      Math.max(0, question.most),
    )
      .reverse()
      .map(entryOf);
  }

  prune(before: Instant): void {
    this.#vouch();
    const traces = this.#traces();
    const live = liveEpisodes(traces, before);
    const over = traces.filter(
      ({ episode, settled }) => !live.has(episode) && (settled ?? before) < before,
    );
    const remove = this.#database.transaction(() => {
      this.#run('DELETE FROM journal WHERE at < ?', before);
      for (const { id } of over) this.#run('DELETE FROM deliveries WHERE id = ?', id);
    });
    remove.immediate();
  }

  close(): void {
    if (!this.#database.open) return;
    try {
      this.#database.close();
    } finally {
      this.#release();
    }
  }

  #traces(): readonly (Trace & { readonly id: string })[] {
    return this.#rows<TraceRow>(
      'SELECT id, episode, channel, seq, kind, stage, settled_at FROM deliveries',
    ).map(({ settled_at: settled, ...trace }) => ({
      ...trace,
      ...(settled !== null && { settled }),
    }));
  }

  #rows<Row>(sql: string, ...values: readonly unknown[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  #run(sql: string, ...values: readonly unknown[]): void {
    this.#statement(sql).run(...values);
  }

  /** Each is prepared once: there are few, and this is what most of a small commit would cost. */
  #statement(sql: string): Statement {
    const known = this.#prepared.get(sql) ?? this.#database.prepare(sql);
    this.#prepared.set(sql, known);
    return known;
  }
}

const entryOf = ({ at, region, fingerprint, episode, what, says }: JournalRow): Entry => ({
  at,
  region,
  ...(fingerprint !== null && { fingerprint }),
  ...(episode !== null && { episode }),
  what,
  says: JSON.parse(says) as Entry['says'],
});
