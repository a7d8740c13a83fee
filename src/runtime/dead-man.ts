import { toFailure } from '../core/failure.ts';
import { printable } from '../core/printable.ts';
import type { MonitorFacts } from '../core/ports/monitor.ts';
import type { PingMethod, PingPort, PingReply } from '../core/ports/ping.ts';
import type { Secret } from '../core/secret.ts';
import { between, seconds, type Clock, type Instant, type Seconds } from '../core/time.ts';

export interface DeadManSettings {
  readonly url: Secret;
  readonly every: Seconds;
  readonly method: PingMethod;
}

/** Why no ping may be sent now; undefined while there is no reason. One that throws is a reason too. */
export type Objection = () => string | undefined;

/** What became of the pings so far. */
export interface Pings {
  readonly accepted: number;
  /** Attempts that were not accepted. */
  readonly failed: number;
  /** Times at which none was sent, because something objected or the one before still went on. */
  readonly withheld: number;
  /** When the newest one was accepted, by the steady clock. */
  readonly lastAccepted?: Instant;
  /** What was wrong the last time; absent when nothing was. */
  readonly why?: string;
}

/** The hard end of one ping. */
const LIMIT = seconds(10);

/**
 * Tells somebody outside, again and again, that the monitor is alive and able to work: whoever is
 * not told any more raises the alarm that a dead monitor cannot. It runs on a timer, so that a loop
 * that is stuck sends nothing. It sends nothing at its start: one that dies again and again at once
 * must not look alive.
 */
export class DeadMan {
  readonly #settings: DeadManSettings;
  readonly #objections: readonly Objection[];
  readonly #port: PingPort;
  readonly #clock: Clock;
  readonly #life = new AbortController();
  readonly #began: Instant;
  #pings: Pings = { accepted: 0, failed: 0, withheld: 0 };
  #underWay: Promise<void> | undefined;
  #cancel: () => void;

  constructor(
    settings: DeadManSettings,
    objections: readonly Objection[],
    port: PingPort,
    clock: Clock,
  ) {
    this.#settings = settings;
    this.#objections = objections;
    this.#port = port;
    this.#clock = clock;
    this.#began = clock.steady();
    this.#cancel = clock.after(settings.every, this.#turn);
  }

  last(): Pings {
    return this.#pings;
  }

  facts(): NonNullable<MonitorFacts['deadMan']> {
    const { every } = this.#settings;
    const { lastAccepted, why } = this.#pings;
    return {
      every,
      silent: between(lastAccepted ?? this.#began, this.#clock.steady()),
      ...(why !== undefined && { why }),
    };
  }

  /** No further ping; resolves when one under way has ended. */
  async stop(): Promise<void> {
    this.#cancel();
    this.#life.abort(new Error('the monitor was stopped'));
    await this.#underWay;
  }

  readonly #turn = (): void => {
    this.#cancel = this.#clock.after(this.#settings.every, this.#turn);
    const why =
      this.#underWay === undefined ? this.#objection() : 'the ping before is still under way';
    if (why !== undefined) {
      this.#pings = { ...this.#pings, withheld: this.#pings.withheld + 1, why };
      return;
    }
    this.#underWay = this.#ping().finally(() => {
      this.#underWay = undefined;
    });
  };

  #objection(): string | undefined {
    for (const objection of this.#objections) {
      try {
        const why = objection();
        if (why !== undefined) return why;
      } catch (error) {
        return `whether the monitor works cannot be told: ${toFailure(error).message}`;
      }
    }
    return undefined;
  }

  async #ping(): Promise<void> {
    const { url, method } = this.#settings;
    const signal = this.#life.signal;
    try {
      const why = refusal(await this.#port.ping(url, { method, timeout: LIMIT, signal }));
      if (why === undefined) this.#accept();
      else this.#fail(why);
    } catch (error) {
      const { code, message } = toFailure(error);
      this.#fail(`${message} [${code}]`);
    }
  }

  #accept(): void {
    const { accepted, failed, withheld } = this.#pings;
    const lastAccepted = this.#clock.steady();
    this.#pings = { accepted: accepted + 1, failed, withheld, lastAccepted };
  }

  #fail(why: string): void {
    // Cut short by the monitor's own end: that says nothing about the other side.
    if (this.#life.signal.aborted) return;
    this.#pings = { ...this.#pings, failed: this.#pings.failed + 1, why };
  }
}

/**
 * What an answer says against the ping; undefined when it was accepted. Healthchecks answers a ping
 * to a check that it does not know with 200 and `OK (not found)`.
 */
function refusal({ status, body }: PingReply): string | undefined {
  const said = printable(body.trim().slice(0, 60));
  if (status < 200 || status > 299)
    return `it answered ${status}${said === '' ? '' : ` (${said})`}`;
  return /^OK \(.+\)$/.test(said) ? `it answered ${status}, but took nothing: ${said}` : undefined;
}
