import { isoTime, seconds, type Clock } from '../../core/time.ts';
import { Refused, type Listener, type Request, type Streamed } from '../server.ts';
import { hashOfAll, hashOfNews, type View } from './view.ts';

export interface LiveParts {
  readonly clock: Clock;
  /** The page about a region, or about all; undefined: there is none. */
  readonly view: (region: string | undefined) => View | undefined;
  readonly onError: (error: unknown, where: string) => void;
}

/** Connections that are held at once. */
export const MOST_LISTENERS = 50;
/** Something new is told at most this often … */
const LOOK = seconds(1);
/** … and everything, that all is as it was included, this often: so a silent stream is a broken one. */
const BEAT = seconds(5);
/** A comment, for whatever stands between and ends what is idle. */
const COMMENT = seconds(15);
/** A look may take no more than this part of the time, however many regions there are. */
const PART = 1 / 20;

/** Those who look at one page. */
interface Audience {
  readonly listeners: Set<Listener>;
  /** What they were told last. */
  news: string;
}

/**
 * Tells whoever has a page open when there is something newer (server-sent events, HTML Living
 * Standard 9.2): `event: state` with the page's hash. What is new they fetch themselves. Nothing is
 * computed while nobody listens.
 */
export class Live {
  readonly #parts: LiveParts;
  readonly #audiences = new Map<string | undefined, Audience>();
  #cancel: (() => void) | undefined;
  #dirty = false;
  #beaten = 0;
  #commented = 0;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  get count(): number {
    return [...this.#audiences.values()].reduce((sum, { listeners }) => sum + listeners.size, 0);
  }

  /** Something may have changed. */
  touch(): void {
    this.#dirty = true;
  }

  /** @throws Refused when there is no such page, or no room. */
  open({ query, signal }: Pick<Request, 'query' | 'signal'>): Streamed {
    if (this.count >= MOST_LISTENERS)
      throw new Refused(503, `${MOST_LISTENERS} pages are open already; ask now and then instead`, {
        'retry-after': '10',
      });
    const region = query.get('region') ?? undefined;
    const view = this.#parts.view(region);
    if (view === undefined) throw new Refused(404, 'there is no such region');
    return {
      type: 'text/event-stream',
      listen: (listener) => {
        if (signal.aborted) return;
        const audience = this.#audiences.get(region) ?? { listeners: new Set(), news: '' };
        this.#audiences.set(region, audience);
        audience.listeners.add(listener);
        signal.addEventListener('abort', () => {
          this.#leave(region, listener);
        });
        listener.send('retry: 1000\n\n');
        listener.send(stateOf(view));
        this.#schedule(LOOK);
      },
    };
  }

  /** Ends every stream; whoever still wants to know comes again. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const all = [...this.#audiences.values()].flatMap(({ listeners }) => [...listeners]);
    this.#audiences.clear();
    for (const listener of all) listener.end();
  }

  #leave(region: string | undefined, listener: Listener): void {
    const audience = this.#audiences.get(region);
    audience?.listeners.delete(listener);
    if (audience?.listeners.size === 0) this.#audiences.delete(region);
  }

  #schedule(wait: number): void {
    if (this.#cancel !== undefined) return;
    this.#cancel = this.#parts.clock.after(seconds(wait), () => {
      this.#cancel = undefined;
      if (this.#audiences.size === 0) return;
      const { clock, onError } = this.#parts;
      const began = clock.steady();
      try {
        this.#look();
      } catch (error) {
        onError(error, '/live');
      }
      this.#schedule(Math.max(LOOK, (clock.steady() - began) / 1000 / PART));
    });
  }

  #look(): void {
    const now = this.#parts.clock.steady();
    const beat = now - this.#beaten >= BEAT * 1000;
    if (now - this.#commented >= COMMENT * 1000) {
      this.#commented = now;
      for (const { listeners } of this.#audiences.values())
        for (const listener of listeners) listener.send(': the monitor is there\n\n');
    }
    if (!beat && !this.#dirty) return;
    this.#dirty = false;
    if (beat) this.#beaten = now;
    for (const [region, audience] of [...this.#audiences]) this.#tell(region, audience, beat);
  }

  #tell(region: string | undefined, audience: Audience, beat: boolean): void {
    const view = this.#parts.view(region);
    if (view === undefined) {
      // It is not configured any more: who asks again is told so.
      for (const listener of audience.listeners) listener.end();
      return;
    }
    const news = hashOfNews(view);
    if (news === audience.news && !beat) return;
    audience.news = news;
    const message = stateOf(view);
    for (const listener of audience.listeners) listener.send(message);
  }
}

const stateOf = (view: View): string =>
  `event: state\ndata: ${JSON.stringify({ hash: hashOfAll(view), at: isoTime(view.now) })}\n\n`;
