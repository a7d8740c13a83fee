import type { ChannelName, Fault } from './script.ts';

/** One message that the other end took. */
export interface Accepted {
  /** On the clock of the history: milliseconds. */
  readonly at: number;
  /** Which life of the monitor sent it, from 0. */
  readonly life: number;
  readonly channel: ChannelName;
  /** `EPISODE/CHANNEL/KIND/SEQ` */
  readonly id: string;
  /** It begins a thread or conversation of its own. */
  readonly alone: boolean;
  /** The answer did not come back. */
  readonly lost: boolean;
}

/** One alert in one push that an Alertmanager took. */
export interface Pushed {
  readonly at: number;
  readonly episode: string;
  readonly severity: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** A message, taken or not, that came to the other end. */
export interface Came {
  readonly at: number;
  readonly life: number;
  readonly channel: ChannelName;
}

/** A pause that the other end wanted. */
export interface Pause {
  readonly at: number;
  readonly life: number;
  readonly channel: ChannelName;
  /** Seconds. */
  readonly lasts: number;
  /** How many messages had come by then. */
  readonly after: number;
}

/** A time in which a channel took nothing, or a moment at which it misbehaved. */
export interface Bad {
  readonly channel: ChannelName;
  readonly from: number;
  to: number;
}

/** Without a named time, the outbox waits for so many seconds. */
const UNNAMED = 30;

/** What all other ends have seen, on one clock. */
export class Book {
  readonly accepted: Accepted[] = [];
  readonly pushed: Pushed[] = [];
  readonly came: Came[] = [];
  readonly pauses: Pause[] = [];
  readonly bad: Bad[] = [];
  life = 0;
  now: () => number = () => 0;
  /** Some channel will not answer. */
  onHang: (channel: ChannelName) => void = () => undefined;
  /** A message was taken and is about to be answered. */
  onTaken: () => void = () => undefined;
  #queues = new Map<ChannelName, Fault[]>();
  #out = new Map<ChannelName, Bad>();

  fault(fault: Fault): void {
    this.#queues.set(fault.channel, [...(this.#queues.get(fault.channel) ?? []), fault]);
  }

  /** Which channels take nothing from now on. */
  outages(channels: readonly ChannelName[]): void {
    for (const [channel, bad] of this.#out) {
      if (channels.includes(channel)) continue;
      bad.to = this.now();
      this.#out.delete(channel);
    }
    for (const channel of channels) {
      if (this.#out.has(channel)) continue;
      const bad = { channel, from: this.now(), to: Infinity };
      this.bad.push(bad);
      this.#out.set(channel, bad);
    }
  }

  isOut(channel: ChannelName): boolean {
    return this.#out.has(channel);
  }

  /** All is well from now on. */
  heal(): void {
    this.outages([]);
    this.#queues = new Map();
  }

  /** A message has come. */
  arrive(channel: ChannelName): void {
    this.came.push({ at: this.now(), life: this.life, channel });
  }

  /** How the next message will go wrong, if it does. */
  peek(channel: ChannelName): Fault | undefined {
    return this.#queues.get(channel)?.[0];
  }

  /** How the message that has just come goes wrong, if it does. */
  next(channel: ChannelName): Fault | undefined {
    const fault = this.#queues.get(channel)?.shift();
    if (fault === undefined) return undefined;
    const at = this.now();
    this.bad.push({ channel, from: at, to: at });
    if (fault.is === 'limited') {
      const { life } = this;
      const lasts = fault.retryAfter ?? UNNAMED;
      this.pauses.push({ at, life, channel, lasts, after: this.came.length });
    }
    return fault;
  }

  take(channel: ChannelName, id: string, alone: boolean, lost: boolean): void {
    const { life } = this;
    this.accepted.push({ at: this.now(), life, channel, id, alone, lost });
    this.onTaken();
  }
}

export const episodeOf = (id: string): string => id.split('/')[0] ?? '';
export const kindOf = (id: string): string => id.split('/')[2] ?? '';
export const seqOf = (id: string): number => Number(id.split('/')[3]);
