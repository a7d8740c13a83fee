import { DeliveryFailure, type Mirror } from '../../alerts/notifier.ts';
import type { Mirrored } from '../../alerts/mirror.ts';
import type { DeliveryFacts } from '../core/ports/monitor.ts';
import { between, seconds, type Clock, type Instant, type Seconds } from '../core/time.ts';

/** Everything is pushed again this often: an Alertmanager forgets what it does not hear of. */
const AGAIN = seconds(60);
/** Several changes at once are pushed once. */
const SOON = seconds(1);
/** One push may take no longer. */
const LIMIT = seconds(15);
/** A mirror in charge that took nothing for this long is not in charge any more. */
const TRUST = seconds(120);

/** A mirror under the name that the configuration gives it. */
export interface NamedMirror {
  readonly name: string;
  readonly mirror: Mirror;
}

/**
 * Shows what goes on to the mirrors, again and again. Nothing is queued: the next push holds it all.
 */
export class MirrorFeed {
  readonly #mirrors: readonly NamedMirror[];
  readonly #alerts: () => readonly Mirrored[];
  readonly #clock: Clock;
  readonly #taken = new Map<Mirror, Instant>();
  readonly #life = new AbortController();
  #cancel: () => void = () => undefined;
  #underWay: Promise<void> | undefined;
  #again = false;
  readonly #why = new Map<Mirror, string>();

  constructor(mirrors: readonly NamedMirror[], alerts: () => readonly Mirrored[], clock: Clock) {
    this.#mirrors = mirrors;
    this.#alerts = alerts;
    this.#clock = clock;
    for (const { mirror } of mirrors) this.#taken.set(mirror, clock.steady());
  }

  start(): void {
    if (this.#mirrors.length > 0) this.#plan(SOON);
  }

  /** Something has changed. */
  touch(): void {
    if (this.#mirrors.length > 0 && !this.#life.signal.aborted) this.#plan(SOON);
  }

  /** True while a mirror in charge takes what it is shown: then nobody else is told. */
  get inCharge(): boolean {
    const now = this.#clock.steady();
    return this.#mirrors.some(
      ({ mirror }) =>
        mirror.mode === 'primary' && between(this.#taken.get(mirror) ?? now, now) < TRUST,
    );
  }

  /** How each of them takes what it is shown. */
  facts(): readonly DeliveryFacts[] {
    const now = this.#clock.steady();
    return this.#mirrors.map(({ name, mirror }) => {
      const silent = between(this.#taken.get(mirror) ?? now, now);
      const why = this.#why.get(mirror);
      return {
        channel: name,
        failing: silent >= TRUST,
        dead: 0,
        ...(why !== undefined && { why }),
      };
    });
  }

  async stop(): Promise<void> {
    this.#cancel();
    this.#life.abort();
    await this.#underWay;
  }

  #plan(wait: Seconds): void {
    this.#cancel();
    this.#cancel = this.#clock.after(wait, () => {
      if (this.#underWay !== undefined) {
        this.#again = true;
        return;
      }
      this.#underWay = this.#push().finally(() => {
        this.#underWay = undefined;
        if (this.#life.signal.aborted) return;
        this.#plan(this.#again ? SOON : AGAIN);
        this.#again = false;
      });
    });
  }

  async #push(): Promise<void> {
    const alerts = this.#alerts();
    await Promise.all(
      this.#mirrors.map(async ({ mirror }) => {
        try {
          await this.#within((signal) => mirror.push(alerts, signal));
          this.#taken.set(mirror, this.#clock.steady());
          this.#why.delete(mirror);
        } catch (error) {
          this.#why.set(mirror, error instanceof Error ? error.message : String(error));
          if (error instanceof DeliveryFailure && error.partly)
            this.#taken.set(mirror, this.#clock.steady());
        }
      }),
    );
  }

  async #within(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const own = new AbortController();
    const stop = (): void => {
      own.abort(new Error('not taken in time'));
    };
    const over = new Promise<never>((_, reject) => {
      own.signal.addEventListener('abort', () => {
        reject(new Error(`not taken within ${LIMIT} s`));
      });
    });
    over.catch(() => undefined);
    const cancel = this.#clock.after(LIMIT, stop);
    this.#life.signal.addEventListener('abort', stop, { once: true });
    try {
      await Promise.race([run(own.signal), over]);
    } finally {
      cancel();
      this.#life.signal.removeEventListener('abort', stop);
    }
  }
}
