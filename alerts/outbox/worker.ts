import { seconds, type Clock, type Seconds } from '../../src/core/time.ts';
import { DeliveryFailure, type Channel, type Gesture, type Thread } from '../notifier.ts';
import { choose } from './choose.ts';
import type { Delivery } from './delivery.ts';
import { leased, PERSISTENCE, settled, type Outcome, type Persistence } from './outcome.ts';

/** The durable rows, as far as a worker uses them. */
export interface Shelf {
  /** All deliveries of one channel that are known. */
  readonly of: (channel: string) => Iterable<Delivery>;
  /** Those of an episode on a channel, in their order. */
  readonly thread: (episode: string, channel: string) => readonly Delivery[];
  /** Stores one changed row, before anything else happens. */
  readonly put: (delivery: Delivery) => void;
}

export interface WorkerParts {
  readonly name: string;
  readonly channel: Channel;
  readonly shelf: Shelf;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly persistence?: Persistence;
  /** No more than `burst` at once, and one in this time on the average. */
  readonly pace?: { readonly every: Seconds; readonly burst: number };
  /** The hard end of one attempt. */
  readonly patience?: Seconds;
  /** Called at each point at which a crash would matter. */
  readonly at?: (label: string) => void;
  /** A defect: something threw that should not have. */
  readonly onError: (error: unknown, where: string) => void;
}

const PACE = { every: seconds(1), burst: 5 };
const PATIENCE = seconds(45);
/** A channel that a person must mend is tried again this often. */
const RETEST = seconds(60);

/**
 * Delivers what waits for one channel, one after the other: a broken channel holds up no other.
 *
 *   choose → store `leased` → send → store the outcome → choose …
 *
 * What was leased when the process died is doubtful: a channel that can tell is asked for it, one that
 * cannot is sent it again.
 */
export class Worker {
  readonly #parts: WorkerParts;
  readonly #life = new AbortController();
  /** Tokens for the pace, and when they were counted. */
  #tokens: number;
  #counted: number;
  /** Set by a rate limit: the whole channel waits. */
  #blockedUntil = 0;
  #parked: string | undefined;
  #cancelTimer: () => void = () => undefined;
  #turning: Promise<void> | undefined;
  #again = false;
  #stopping = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#tokens = (parts.pace ?? PACE).burst;
    this.#counted = parts.clock.steady();
    // A pause that was asked of an earlier worker, perhaps in another process.
    const pauses = [...parts.shelf.of(parts.name)].map(({ pause = 0 }) => pause);
    this.#blockedUntil = this.#counted + Math.max(0, ...pauses) - parts.clock.now();
  }

  /** Why nothing is sent until a person has mended the channel; undefined while it works. */
  get parked(): string | undefined {
    return this.#parked;
  }

  /** Looks for something to send, now or as soon as the present attempt has ended. */
  wake(): void {
    if (this.#stopping) return;
    this.#cancelTimer();
    if (this.#turning !== undefined) {
      this.#again = true;
      return;
    }
    this.#turning = this.#turn()
      .catch((error: unknown) => {
        this.#parts.onError(error, `delivery to ${this.#parts.name}`);
        this.#sleep(seconds(5));
      })
      .finally(() => {
        this.#turning = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.wake();
      });
  }

  /** Proves the channel without telling anybody; a parked one that passes goes on. @throws DeliveryFailure */
  async test(): Promise<string> {
    const said = await this.#bounded((signal) => this.#parts.channel.test(signal));
    this.#parked = undefined;
    this.wake();
    return said;
  }

  /** What people did in the channel. @throws DeliveryFailure */
  async gestures(threads: readonly Thread[]): Promise<readonly Gesture[]> {
    const { channel } = this.#parts;
    if (channel.gestures === undefined || this.#parked !== undefined) return [];
    return this.#bounded((signal) => channel.gestures?.(threads, signal) ?? Promise.resolve([]));
  }

  /** Nothing new is sent. An attempt under way may end within `grace`; then its outcome is doubtful. */
  async stop(grace: Seconds = seconds(0)): Promise<void> {
    this.#stopping = true;
    this.#cancelTimer();
    if (this.#turning !== undefined && grace > 0) await this.#within(grace, this.#turning);
    this.#life.abort();
    await this.#turning;
    await this.#parts.channel.close();
  }

  async #within(limit: Seconds, work: Promise<void>): Promise<void> {
    let cancel: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      cancel = this.#parts.clock.after(limit, resolve);
    });
    await Promise.race([work, over]);
    cancel();
  }

  async #turn(): Promise<void> {
    while (!this.#stopping) {
      const { clock, shelf, name } = this.#parts;
      if (this.#parked !== undefined && !(await this.#retest())) return;
      const choice = choose(shelf.of(name), clock.now());
      if (choice.is === 'rest') return;
      if (choice.is === 'wait') {
        this.#sleep(seconds((choice.until - clock.now()) / 1000));
        return;
      }
      const wait = this.#untilAllowed();
      if (wait > 0) {
        this.#sleep(seconds(wait));
        return;
      }
      await this.#attempt(choice.delivery);
    }
  }

  /** True when the channel works again; else the next try is planned. */
  async #retest(): Promise<boolean> {
    try {
      await this.#bounded((signal) => this.#parts.channel.test(signal));
      this.#parked = undefined;
      return true;
    } catch (error) {
      this.#parked = error instanceof Error ? error.message : String(error);
      this.#sleep(RETEST);
      return false;
    }
  }

  /** Seconds until pace and rate limit allow one more. */
  #untilAllowed(): number {
    const { clock, pace = PACE } = this.#parts;
    const now = clock.steady();
    this.#tokens = Math.min(pace.burst, this.#tokens + (now - this.#counted) / 1000 / pace.every);
    this.#counted = now;
    const blocked = (this.#blockedUntil - now) / 1000;
    return Math.max(blocked, this.#tokens >= 1 ? 0 : (1 - this.#tokens) * pace.every);
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { clock, random, shelf, at, persistence = PERSISTENCE } = this.#parts;
    const asks = delivery.stage === 'doubtful' && this.#parts.channel.find !== undefined;
    this.#tokens -= 1;
    const under = asks ? delivery : leased(delivery, clock.now());
    if (!asks) shelf.put(under);
    at?.('send:before');
    const outcome = asks ? await this.#ask(under) : await this.#send(under);
    at?.('send:after');
    if (outcome.is === 'failed') this.#heed(outcome.failure);
    shelf.put(settled(under, outcome, clock.now(), random, persistence));
    at?.('receipt:after');
  }

  /** What a failure means for the whole channel. */
  #heed({ trouble, message, retryAfter }: DeliveryFailure): void {
    const { clock, persistence = PERSISTENCE } = this.#parts;
    if (trouble === 'closed') {
      this.#parked = message;
      this.#sleep(RETEST);
    }
    if (trouble === 'limited')
      this.#blockedUntil = clock.steady() + 1000 * (retryAfter ?? persistence.unnamedPause);
  }

  #send(delivery: Delivery): Promise<Outcome> {
    const { id, notice } = delivery;
    return this.#outcome(async (signal) => ({
      is: 'accepted',
      receipt: await this.#parts.channel.send({ id, notice }, this.#thread(delivery), signal),
    }));
  }

  #ask(delivery: Delivery): Promise<Outcome> {
    const { id, notice, tried, created } = delivery;
    return this.#outcome(async (signal) => {
      const receipt = await this.#parts.channel.find?.(
        { id, notice },
        this.#thread(delivery),
        tried ?? created,
        signal,
      );
      return receipt === undefined ? { is: 'absent' } : { is: 'accepted', receipt };
    });
  }

  #thread({ episode, seq }: Delivery): Thread {
    const { shelf, name } = this.#parts;
    return {
      episode,
      receipts: shelf
        .thread(episode, name)
        .flatMap((each) => (each.seq < seq && each.receipt !== undefined ? [each.receipt] : [])),
    };
  }

  async #outcome(run: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
    try {
      return await this.#bounded(run);
    } catch (error) {
      if (error instanceof DeliveryFailure) return { is: 'failed', failure: error };
      this.#parts.onError(error, `channel ${this.#parts.name}`);
      const failure = new DeliveryFailure('unknown', 'the channel’s code failed; see the log');
      return { is: 'failed', failure };
    }
  }

  /** Runs something of the channel until its end, the deadline, or the end of all. */
  async #bounded<Value>(run: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    const { clock, patience = PATIENCE } = this.#parts;
    const own = new AbortController();
    const over = new Promise<never>((_, reject) => {
      own.signal.addEventListener('abort', () => {
        reject(own.signal.reason as Error);
      });
    });
    over.catch(() => undefined);
    const stop = (): void => {
      own.abort(new DeliveryFailure('unknown', 'the monitor was stopped while it was sent'));
    };
    const cancel = clock.after(patience, () => {
      own.abort(new DeliveryFailure('unknown', `no answer within ${patience} s`));
    });
    this.#life.signal.addEventListener('abort', stop, { once: true });
    if (this.#life.signal.aborted) stop();
    try {
      return await Promise.race([run(own.signal), over]);
    } finally {
      cancel();
      this.#life.signal.removeEventListener('abort', stop);
    }
  }

  #sleep(wait: Seconds): void {
    this.#cancelTimer();
    if (this.#stopping) return;
    // The wall clock may be set meanwhile: look again now and then.
    this.#cancelTimer = this.#parts.clock.after(seconds(Math.min(Math.max(wait, 0.01), 60)), () => {
      this.wake();
    });
  }
}
