import type { Secret } from '../src/core/secret.ts';
import type { Clock, Instant, Seconds } from '../src/core/time.ts';
import type { Notice } from './notice.ts';
import type { Mirrored } from './mirror.ts';

/*
 * What a channel is. One file in alerts/notifiers/ default-exports one Notifier; the folder is the
 * registry, and the file's name is the key under `alerting:` in maasha.yaml.
 *
 * A channel only tries, once and within its deadline. Whether, when and how often it is tried again,
 * and what has to be said at all, is decided by the outbox: nothing in a channel retries, waits or
 * keeps a queue.
 */

/** One thing to deliver. */
export interface Parcel {
  /** `EPISODE/CHANNEL/KIND/SEQ`: the same for every attempt, so that the other end can tell a repetition. */
  readonly id: string;
  readonly notice: Notice;
}

/** What a channel must remember of an accepted parcel (Slack: channel and ts; e-mail: Message-ID). Plain data. */
export type Receipt = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/**
 * How an attempt failed, which decides what comes next.
 *
 * - `limited`: the other end wants a pause; not an attempt. `retryAfter` is obeyed exactly.
 * - `again`: surely not delivered, may work later.
 * - `unknown`: may or may not have been delivered.
 * - `refused`: this parcel will never be accepted.
 * - `closed`: the channel itself must be mended by a person (revoked token, archived channel, wrong password).
 */
export type Trouble = 'limited' | 'again' | 'unknown' | 'refused' | 'closed';

/** An attempt that did not end in a receipt. The message is shown to people and never holds a secret. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
  readonly trouble: Trouble;
  readonly retryAfter: Seconds | undefined;
  /** A part was accepted all the same. */
  readonly partly: boolean;

  constructor(
    trouble: Trouble,
    message: string,
    options: { retryAfter?: Seconds; partly?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.trouble = trouble;
    this.retryAfter = options.retryAfter;
    this.partly = options.partly ?? false;
  }
}

/** Something that a person did in the channel instead of on a command line. */
export interface Gesture {
  readonly episode: string;
  readonly does: 'acknowledge' | 'silence';
  /** Who, as the channel names people. */
  readonly by: string;
}

/** An episode that the channel was told of, with the receipts of all that it accepted of it, oldest first. */
export interface Thread {
  readonly episode: string;
  readonly receipts: readonly Receipt[];
}

/** A channel that messages are sent to, one by one. */
export interface Channel {
  readonly is: 'channel';
  /**
   * One attempt. `thread` holds what the channel accepted of the same episode before.
   *
   * @throws DeliveryFailure and nothing else.
   */
  send(parcel: Parcel, thread: Thread, signal: AbortSignal): Promise<Receipt>;
  /**
   * After an attempt with an unknown outcome that began at `since`: the receipt, if it was accepted.
   * Absent: the channel cannot tell, and the parcel is sent again.
   *
   * @throws DeliveryFailure
   */
  find?(
    parcel: Parcel,
    thread: Thread,
    since: Instant,
    signal: AbortSignal,
  ): Promise<Receipt | undefined>;
  /** What people did there since. @throws DeliveryFailure */
  gestures?(threads: readonly Thread[], signal: AbortSignal): Promise<readonly Gesture[]>;
  /** Proves, without telling anybody, as much as can be proven. Returns what was, as a sentence. @throws DeliveryFailure */
  test(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** A channel that is shown everything that goes on, again and again, and decides by itself whom to tell. */
export interface Mirror {
  readonly is: 'mirror';
  /** In `primary` the mirror tells people, and the channels only while nobody takes what is pushed. */
  readonly mode: 'shadow' | 'primary';
  /** All that goes on and what ended lately. @throws DeliveryFailure when nobody took it. */
  push(alerts: readonly Mirrored[], signal: AbortSignal): Promise<void>;
  test(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** What a channel is given to live in. */
export interface Surroundings {
  /** Its name in the configuration. */
  readonly channel: string;
  readonly clock: Clock;
  /** The monitor's own name, for people who run two. */
  readonly monitor: string;
  /** The content of the file that the setting `key` (which ends in `_file`) names. */
  readonly secret: (key: string) => Secret | undefined;
  /** Lines for the operator's terminal. */
  readonly print: (line: string) => void;
}

/** How a channel is configured and opened. */
export interface Notifier<Settings = unknown> {
  /** The file's name. */
  readonly name: string;
  readonly about: string;
  /** A zod schema of the section under `alerting:`; typed as what it does, so that this file needs no zod. */
  readonly settings: unknown;
  /** What must be resolved and reached from here, as host names or addresses: for the proof that it does not lead through the region. */
  /**
   * A message is edited where it stands, or costs nobody's attention: such a channel is told of every
   * change of an incident. Another one is told only of those that make it graver.
   */
  readonly edits?: boolean;
  readonly reaches: (settings: Settings) => readonly string[];
  readonly open: (settings: Settings, surroundings: Surroundings) => Channel | Mirror;
}
