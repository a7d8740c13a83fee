/** How much may be under way at once. */
export interface Room {
  readonly all: number;
  /** Of one party alone: what is slow must leave room for the rest. */
  readonly ofOne: number;
}

interface Waiting {
  readonly party: string;
  readonly begin: () => void;
}

/**
 * Lets in so many at once, and no more than some of one party. Whoever has to wait is let in in the
 * order of arrival, except that a party at its own limit holds up nobody else.
 */
export class Gate {
  readonly #room: Room;
  readonly #inside = new Map<string, number>();
  readonly #waiting: Waiting[] = [];
  #count = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  get running(): number {
    return this.#count;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when there is room, with what must be called at the end. */
  enter(party: string): Promise<() => void> {
    return new Promise((resolve) => {
      this.#waiting.push({
        party,
        begin: () => {
          this.#move(party, 1);
          resolve(() => {
            this.#move(party, -1);
            this.#admit();
          });
        },
      });
      this.#admit();
    });
  }

  #move(party: string, by: 1 | -1): void {
    this.#count += by;
    const inside = (this.#inside.get(party) ?? 0) + by;
    if (inside === 0) this.#inside.delete(party);
    else this.#inside.set(party, inside);
  }

  #admit(): void {
    while (this.#count < this.#room.all) {
      const next = this.#waiting.findIndex(
        ({ party }) => (this.#inside.get(party) ?? 0) < this.#room.ofOne,
      );
      if (next === -1) return;
      for (const { begin } of this.#waiting.splice(next, 1)) begin();
    }
  }
}
