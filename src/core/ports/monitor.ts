import type { AlertPath } from '../alert-path.ts';
import type { Region } from '../region.ts';
import { seconds, type Instant, type Seconds } from '../time.ts';

/**
 * The target of checks that are about the monitor itself: a region in name only, so that results,
 * metrics and alerts of the monitor have a place like all others. No real region may be called so.
 */
export const MONITOR: Region = {
  name: 'monitor',
  vip: '',
  generation: 1,
  maasUrl: '',
  nodes: [],
  trustedServers: [],
  rpc: { interval: seconds(60) },
  clusters: [],
};

/** A check on a region (or on the monitor) that has to complete again and again. */
export interface WatchedCheck {
  readonly check: string;
  readonly region: string;
  /** For how long it has not completed; only while schedule and deadline do not explain that any more. */
  readonly silent?: Seconds;
}

/** How one channel delivers at present. */
export interface DeliveryFacts {
  readonly channel: string;
  /** It does not deliver: a critical message waits for too long, it is parked, or its self-test fails. */
  readonly failing: boolean;
  /** Messages that were given up within the last hour. */
  readonly dead: number;
  /** How long the oldest message that is due has waited. */
  readonly oldest?: Seconds;
  /** Why it fails, for people, without a secret. */
  readonly why?: string;
}

/** What the monitor knows of itself; what is absent is not known, or does not exist here. */
export interface MonitorFacts {
  /** Every check that is planned, whether it is overdue or not. */
  readonly checks: readonly WatchedCheck[];
  /** Every channel that is configured. Absent: nothing is delivered by this process. */
  readonly delivery?: readonly DeliveryFacts[];
  readonly store?: {
    /** What is to be told survives the end of this process. */
    readonly durable: boolean;
    readonly why?: string;
    /** The store was broken and was moved aside at this moment, by the steady clock. */
    readonly replaced?: { readonly at: Instant; readonly to?: string };
  };
  readonly clock: {
    /** Steps of the wall clock in the last ten minutes, oldest first; negative where it went back. */
    readonly jumps: readonly { readonly at: Instant; readonly by: Seconds }[];
  };
  readonly config: {
    /** The newest configuration was refused; the one before is in force. */
    readonly rejected: boolean;
    readonly problems: readonly string[];
  };
  /** By which way each channel is reached. Absent: not looked at yet. */
  readonly alertPath?: readonly AlertPath[];
  /** The ping to a watcher outside. Absent: none is configured. */
  readonly deadMan?: {
    readonly every: Seconds;
    /** Since a ping was last accepted or, before the first, since it was due. */
    readonly silent: Seconds;
    /** What is wrong with the newest attempt, or why none is made. */
    readonly why?: string;
  };
}

export interface MonitorPort {
  /** Undefined where no service runs: a one-off run has nothing to say about itself. */
  facts(): MonitorFacts | undefined;
}
