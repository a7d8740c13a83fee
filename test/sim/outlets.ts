/** Something that listens. */
export interface Outlet {
  close(): Promise<void>;
}

export type Open = () => Promise<Outlet>;

/**
 * Everything that listens somewhere, kept in step with what should: `settle` closes what is no longer
 * wanted and opens what is missing. One settling follows the other.
 */
export class Outlets {
  readonly #wanted: () => ReadonlyMap<string, Open>;
  readonly #open = new Map<string, Outlet>();
  #last: Promise<void> = Promise.resolve();

  /** @param wanted what should listen now, by a name that is new whenever it must start anew. */
  constructor(wanted: () => ReadonlyMap<string, Open>) {
    this.#wanted = wanted;
  }

  /** @throws Error in words when a port is taken. */
  settle(): Promise<void> {
    const turn = this.#last.then(() => this.#settle());
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#last;
    const all = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(all.map((outlet) => outlet.close()));
  }

  async #settle(): Promise<void> {
    const wanted = this.#wanted();
    const surplus = [...this.#open].filter(([name]) => !wanted.has(name));
    await Promise.all(
      surplus.map(([name, outlet]) => {
        this.#open.delete(name);
        return outlet.close();
      }),
    );
    const opened = [...wanted]
      .filter(([name]) => !this.#open.has(name))
      .map(async ([name, open]) => {
        this.#open.set(name, await open());
      });
    // All have to be waited for: one that opens late must not be forgotten.
    const failed = (await Promise.allSettled(opened)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw inWords(failed.reason);
  }
}

function inWords(reason: unknown): unknown {
  const { code, address, port } = reason as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  if (code !== 'EADDRINUSE') return reason;
  const where = `${address ?? 'an address of the simulation'}${port === undefined ? '' : `:${port}`}`;
  return new Error(`${where} is taken: does another simulation run?`, { cause: reason });
}
