import { z } from 'zod';
import { worst, type CheckResult } from '../../core/check.ts';
import { holdersOf } from '../../core/holders.ts';
import { valueOf } from '../../core/seen.ts';
import { instant, seconds, type Clock, type Instant } from '../../core/time.ts';
import type { Ledger } from '../../store/ledger.ts';
import type { Bus } from '../bus.ts';
import { Repeat } from '../repeat.ts';

/** From this moment on it was like this; `''`: nobody watched. */
export interface Mark {
  readonly at: Instant;
  readonly is: string;
}

/** How one region was, from change to change, oldest first. */
export interface Strips {
  /** `down`, or the worst state of any check. */
  readonly state: readonly Mark[];
  readonly vip: readonly Mark[];
  readonly primary: readonly Mark[];
}

export const NOBODY_WATCHED = '';
export const NOT_SEEN = 'not known';

const NONE: Strips = { state: [], vip: [], primary: [] };
const LANES = ['state', 'vip', 'primary'] as const;
/** Changes that are kept of each; the older ones go first. */
const MOST = 150;
const DAY = seconds(86_400);
const LOOK = seconds(1);
const LOOK_AT_ALL = seconds(15);
const SAVE = seconds(60);
const ALIVE = 'past';
const documentOf = (region: string): string => `past:${region}`;

const MARKS = z.array(z.object({ at: z.number().min(0).max(8.64e15), is: z.string() }));
const STRIPS = z.object({ state: MARKS, vip: MARKS, primary: MARKS });

export interface PastParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly regions: () => readonly string[];
  /** The newest results of all regions, as they count at this moment. */
  readonly results: () => readonly CheckResult[];
  /** Where it is kept over a restart; absent before there is one. */
  readonly ledger: () => Ledger | undefined;
  readonly onError: (error: unknown, where: string) => void;
}

/**
 * Remembers for a day how each region was. It is for looking back only: nothing is decided by it. It
 * never fills a gap: what was while no monitor ran is not known.
 */
export class Past {
  readonly #parts: PastParts;
  readonly #repeat: Repeat;
  readonly #strips = new Map<string, Strips>();
  readonly #dirty = new Set<string>();
  readonly #unsaved = new Set<string>();
  readonly #unsubscribe: () => void;
  /** When the monitor before this one was last known to watch. */
  #before: Instant | undefined;

  constructor(parts: PastParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.bus.on('check.completed', ({ result }) => {
      this.#dirty.add(result.region);
    });
    this.#repeat = new Repeat(parts.clock, (error, name) => {
      parts.onError(error, `past: ${name}`);
    });
    this.#repeat.every('look', LOOK, () => {
      this.#look([...this.#dirty]);
    });
    this.#repeat.every('look at all', LOOK_AT_ALL, () => {
      this.#look(parts.regions());
    });
    this.#repeat.every('save', SAVE, () => {
      this.save();
    });
  }

  of(region: string): Strips {
    return this.#strips.get(region) ?? NONE;
  }

  stop(): void {
    this.#unsubscribe();
    this.#repeat.stop();
    this.save();
  }

  /** What has changed, and that somebody watched until now. */
  save(): void {
    const ledger = this.#parts.ledger();
    if (ledger === undefined || this.#strips.size === 0) return;
    const changed = [...this.#unsaved].map(
      (region) => [documentOf(region), this.of(region)] as const,
    );
    const documents = { ...Object.fromEntries(changed), [ALIVE]: this.#parts.clock.now() };
    this.#unsaved.clear();
    ledger.commit({ documents });
  }

  #look(regions: readonly string[]): void {
    this.#dirty.clear();
    if (regions.length === 0) return;
    const found = new Map<string, CheckResult[]>();
    for (const name of this.#parts.regions()) found.set(name, []);
    for (const result of this.#parts.results()) found.get(result.region)?.push(result);
    for (const region of regions) this.#note(region, found.get(region) ?? []);
  }

  #note(region: string, results: readonly CheckResult[]): void {
    if (results.length === 0) return;
    const known = this.#strips.get(region) ?? this.#recall(region);
    const is = pictureOf(results);
    const now = this.#parts.clock.now();
    const next = {
      state: withMark(known.state, now, is.state),
      vip: withMark(known.vip, now, is.vip),
      primary: withMark(known.primary, now, is.primary),
    };
    if (LANES.some((lane) => next[lane] !== known[lane])) this.#unsaved.add(region);
    this.#strips.set(region, next);
  }

  /** What an earlier process knew, up to the moment until which it watched. */
  #recall(region: string): Strips {
    const ledger = this.#parts.ledger();
    const alive = z.number().safeParse(ledger?.document(ALIVE));
    const found = STRIPS.safeParse(ledger?.document(documentOf(region)));
    if (!alive.success || !found.success) return NONE;
    // Whoever saves moves it on: all regions end where the earlier process did.
    this.#before ??= instant(alive.data);
    const until = this.#before;
    const ended = (marks: readonly { at: number; is: string }[]): readonly Mark[] => {
      const kept = marks.map(({ at, is }) => ({ at: instant(at), is }));
      const last = Math.max(until, kept.at(-1)?.at ?? 0);
      return withMark(kept, instant(last), NOBODY_WATCHED);
    };
    const { state, vip, primary } = found.data;
    return { state: ended(state), vip: ended(vip), primary: ended(primary) };
  }
}

const pictureOf = (results: readonly CheckResult[]): Readonly<Record<keyof Strips, string>> => {
  const { vip = NOT_SEEN, primary = NOT_SEEN } = holdersOf(results);
  const down = valueOf(results, 'maasha_vip_up') === 0;
  return { state: down ? 'down' : worst(results.map(({ state }) => state)), vip, primary };
};

/** The same array when nothing has changed and nothing is too old. */
function withMark(marks: readonly Mark[], at: Instant, is: string): readonly Mark[] {
  // The newest mark before the day began tells how the day began.
  const first = marks.findLastIndex((mark) => mark.at <= at - DAY * 1000);
  const recent = first > 0 ? marks.slice(first) : marks;
  return recent.at(-1)?.is === is ? recent : [...recent, { at, is }].slice(-MOST);
}
