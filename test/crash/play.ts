import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Delivery } from '../../alerts/outbox/delivery.ts';
import { instant } from '../../src/core/time.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { Entry } from '../../src/store/store.ts';
import type { Ends } from './ends.ts';
import type { Death, History, LookTaken } from './history.ts';
import { CHECK_NAMES, type Readings } from './house.ts';
import type { Label, Script, Step } from './script.ts';
import { storeIn, type Act, type Standing, type StageParts } from './stage.ts';

/** The monitor is dead. */
export class Died extends Error {}

/** A monitor that runs, in whatever process. */
export interface Life {
  /** Rejects with `Died` when it does not live so long. */
  readonly opened: Promise<unknown>;
  /** @throws Died */
  perform(act: Act): Promise<Standing>;
  hung(channel: string): void;
  /** At once. */
  kill(): void;
  /** Resolves when nothing of it has any effect any more. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export type LifeParts = Pick<StageParts, 'folder' | 'at' | 'seed' | 'crash'>;

/** Where a history is played: who the others are, and how the monitor is started. */
export interface Theatre {
  readonly ends: Ends;
  start(parts: LifeParts, onError: (words: string) => void): Life;
  /** The time that the monitor's clock shows, or last showed. */
  now(): number;
}

const BEGIN = 1_795_430_001_000;
/** Memory is quicker, and survives a process as a disk does. */
const ROOM = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** Once all is well, it must be at rest within so many rounds. */
const PATIENCE = 150;

/** Plays a script to its end, and a little longer. */
export async function play(script: Script, theatre: Theatre): Promise<History> {
  const folder = mkdtempSync(join(ROOM, 'maasha-crash-'));
  try {
    return await new Performance(script, theatre, folder).run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class Performance {
  readonly #script: Script;
  readonly #theatre: Theatre;
  readonly #folder: string;
  readonly #deaths: Death[] = [];
  readonly #looks: LookTaken[] = [];
  readonly #defects: string[] = [];
  #life: Life | undefined;
  #lives = 0;
  #at = BEGIN;
  #taken = 0;

  constructor(script: Script, theatre: Theatre, folder: string) {
    this.#script = script;
    this.#theatre = theatre;
    this.#folder = folder;
    const { book } = theatre.ends;
    book.now = () => theatre.now();
    book.onHang = (channel) => this.#life?.hung(channel);
    book.onTaken = () => {
      this.#taken += 1;
      const crash = script.crashes[this.#lives];
      if (crash?.label === 'wire' && crash.nth === this.#taken) this.#life?.kill();
    };
  }

  async run(): Promise<History> {
    const { ends } = this.#theatre;
    for (const step of this.#script.steps) await this.#step(step);
    if (this.#deaths.length === 0) await this.#killIdle();
    ends.heal();
    const healedAt = this.#theatre.now();
    await this.#settle();
    const endedAt = this.#theatre.now();
    await this.#life?.stop();
    const { deliveries, journal } = await contents(this.#folder);
    return {
      script: this.#script,
      healedAt,
      endedAt,
      looks: this.#looks,
      deaths: this.#deaths,
      book: ends.book,
      deliveries,
      journal,
      defects: this.#defects,
    };
  }

  async #step({ readings, deeds, faults, out }: Step): Promise<void> {
    const { ends } = this.#theatre;
    ends.outages(out);
    for (const fault of faults) ends.fault(fault);
    for (const check of CHECK_NAMES) await this.#look(check, readings[check]);
    for (const deed of deeds) await this.#perform({ is: 'deed', deed });
    await this.#perform({ is: 'self' });
    await this.#perform({ is: 'pass', seconds: 10 });
  }

  async #look(check: LookTaken['check'], readings: Readings): Promise<void> {
    await this.#ensure();
    const look = { at: this.#theatre.now(), life: this.#lives, check, readings };
    const done = await this.#perform({ is: 'look', check, readings });
    this.#looks.push({ ...look, certain: done !== undefined });
  }

  /** All is well: until nothing goes on and nothing waits, and an Alertmanager has heard of it. */
  async #settle(): Promise<void> {
    let calm = 0;
    for (let round = 0; round < PATIENCE && calm < 7; round += 1) {
      for (const check of CHECK_NAMES) await this.#look(check, []);
      await this.#perform({ is: 'self' });
      const after = await this.#perform({ is: 'pass', seconds: 10 });
      calm = after?.standing === 0 && after.waiting === 0 ? calm + 1 : 0;
    }
  }

  /** Undefined when the monitor died of it; whoever saw that would not do it again by itself. */
  async #perform(act: Act): Promise<Standing | undefined> {
    const life = await this.#ensure();
    try {
      return await life.perform(act);
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      await this.#buried(this.#script.crashes[this.#lives]?.label ?? 'idle');
      return undefined;
    }
  }

  async #ensure(): Promise<Life> {
    while (this.#life === undefined) {
      const { crashes, seed } = this.#script;
      this.#taken = 0;
      this.#theatre.ends.book.life = this.#lives;
      const parts = {
        folder: this.#folder,
        at: this.#at,
        seed: seed * 31 + this.#lives,
        crash: crashes[this.#lives],
      };
      const life = this.#theatre.start(parts, (words) => this.#defects.push(words));
      // Even while it opens it may be asked to die.
      this.#life = life;
      try {
        await life.opened;
        return life;
      } catch (error) {
        if (!(error instanceof Died)) throw error;
        await this.#buried(crashes[this.#lives]?.label ?? 'idle');
      }
    }
    return this.#life;
  }

  async #killIdle(): Promise<void> {
    const life = await this.#ensure();
    life.kill();
    await life.ended;
    await this.#buried('idle');
  }

  async #buried(label: Label | 'idle'): Promise<void> {
    const at = this.#theatre.now();
    const { deliveries } = await leftBehind(this.#folder);
    const left = new Map(deliveries.map(({ id, stage }) => [id, stage] as const));
    this.#deaths.push({ at, life: this.#lives, label, left });
    this.#at = at + 1000 * (this.#script.crashes[this.#lives]?.down ?? 10);
    this.#lives += 1;
    this.#life = undefined;
  }
}

interface Contents {
  readonly deliveries: readonly Delivery[];
  readonly journal: readonly Entry[];
}

async function contents(folder: string): Promise<Contents> {
  const file = storeIn(folder);
  if (!existsSync(file)) return { deliveries: [], journal: [] };
  const { store } = await openSqlite(file, { clock: { now: () => instant(0) }, readOnly: true });
  try {
    const { deliveries } = store.load(instant(0));
    return { deliveries, journal: store.journal({ most: 1_000_000 }) };
  } finally {
    store.close();
  }
}

/** A look at a copy, so that the next life finds what the last one left. */
async function leftBehind(folder: string): Promise<Contents> {
  const copy = mkdtempSync(join(ROOM, 'maasha-left-'));
  try {
    for (const end of ['', '-wal']) {
      const file = storeIn(folder) + end;
      if (existsSync(file)) copyFileSync(file, storeIn(copy) + end);
    }
    return await contents(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
