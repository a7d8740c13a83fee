import type { Severity } from '../src/core/rule.ts';
import { seconds, type Instant, type Seconds } from '../src/core/time.ts';
import type { Labels } from './identity.ts';

/**
 * A moment on the region's own life clock: seconds that its alerts have lived. It follows
 * `Clock.steady` inside a process and wall-clock time across a restart, never goes back, and means
 * the same after the state was stored and loaded. Every timer is measured on it.
 */
export type Age = Seconds;

/** The present, as the process's clock shows it. */
export interface Now {
  readonly steady: Instant;
  readonly wall: Instant;
}

/** Is it true? Seconds of `elapsed` are those that samples prove; gaps are not in it. */
export type Condition =
  | { readonly is: 'inactive' }
  | {
      readonly is: 'pending';
      readonly since: Age;
      readonly elapsed: Seconds;
      readonly samples: number;
    }
  | { readonly is: 'firing'; readonly since: Age }
  | {
      readonly is: 'recovering';
      /** Since when it had been bad, should it relapse. */
      readonly since: Age;
      readonly clearedAt: Instant;
      readonly elapsed: Seconds;
      readonly samples: number;
    }
  | { readonly is: 'resolved'; readonly at: Age };

/** The root that explains an alert. */
export interface Root {
  readonly fingerprint: string;
  readonly rule: string;
  readonly episode: string;
}

/** May it be talked about? `undecided` until the first decision of an episode. */
export type Visibility =
  | { readonly is: 'undecided' }
  | { readonly is: 'visible' }
  | { readonly is: 'held'; readonly until: Age }
  /** `clearedAt` while its root is gone and it is given time to follow. */
  | { readonly is: 'folded'; readonly into: Root; readonly clearedAt?: Age }
  | { readonly is: 'silenced' | 'maintenance'; readonly id: string };

/**
 * What was done so that somebody takes care of an episode that people know of. It begins anew whenever
 * they are told anew, and whenever it changes hands; absent, it begins now.
 */
export interface Followup {
  /** Since when nobody has acknowledged it, or somebody has. */
  readonly since: Age;
  /** The highest level of escalation that was told; 0 is none. */
  readonly level: number;
  readonly reminders: number;
  /** When people last heard of it: `since`, or the last reminder. */
  readonly heardAt: Age;
}

/** A severity that an episode has had, for those to whom severity is part of an alert's name. */
export interface Former {
  readonly severity: Severity;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** `endsAt` on the life clock. */
  readonly ended: Age;
}

/** Whose is it? */
export type Ownership =
  | { readonly is: 'unacked' }
  | { readonly is: 'acked'; readonly by: string; readonly via: string; readonly until?: Age };

/** Does it come and go? */
export interface Stability {
  readonly is: 'stable' | 'flapping';
  /** The newest known samples, oldest first, `1` for bad. */
  readonly samples: string;
  readonly changedAt: Age;
  readonly relapses: readonly Age[];
  /** When episodes of it began or were continued. */
  readonly starts: readonly Age[];
}

/** How fresh is what is known? `unbroken` while no look in between failed. */
export interface Knowledge {
  readonly is: 'fresh' | 'stale';
  readonly at: Age;
  readonly unbroken: boolean;
}

/** One life of an alert. */
export interface Episode {
  readonly id: string;
  /** When it fired; never changes. */
  readonly startsAt: Instant;
  readonly endsAt?: Instant;
  /** `endsAt` on the life clock. */
  readonly ended?: Age;
  /** Whether people know of it: never told, told that it is open, told that it is over. */
  readonly told: 'never' | 'open' | 'closed';
  /** What they were told last. */
  readonly said?: {
    readonly severity: Severity;
    readonly summary: string;
    readonly at: Age;
    /** How grave the whole incident was, with what it explained; absent: as grave as the alert. */
    readonly gravity?: Severity;
    /** The fingerprints of what it explained; absent: nothing. */
    readonly explains?: readonly string[];
  };
  readonly reopened: number;
  readonly followup?: Followup;
  /** It was visible or folded at some time: a mirror has been shown it. */
  readonly shown?: boolean;
  /** The newest of each other severity. */
  readonly formers?: readonly Former[];
}

/** One rule, true or lately true for one set of labels: five regions that do not mix. */
export interface Alert {
  readonly fingerprint: string;
  readonly rule: string;
  readonly check: string;
  readonly labels: Labels;
  readonly severity: Severity;
  readonly value: number;
  readonly summary: string;
  readonly condition: Condition;
  readonly visibility: Visibility;
  readonly ownership: Ownership;
  readonly stability: Stability;
  readonly knowledge: Knowledge;
  readonly episode?: Episode;
  /** The silence whose end was announced. */
  readonly warned?: string;
}

/** An alert whose episode goes on. */
export type Standing = Alert & { readonly episode: Episode };

/** What is configured now, by label: all names that this label may have. Labels not listed are free. */
export type Names = Readonly<Record<string, readonly string[]>>;

/** All alerts of one region: plain data, the same after `JSON.parse(JSON.stringify(…))`. */
export interface Alerts {
  readonly region: string;
  readonly age: Age;
  readonly steady: Instant;
  readonly wall: Instant;
  /** When the newest look of each check that came to something began. */
  readonly seen: Readonly<Record<string, Age>>;
  readonly alerts: Readonly<Record<string, Alert>>;
  /** As configured last; absent: not known, so that nothing is taken for all there are. */
  readonly names?: Names;
}

/** A region of which nothing is known yet. */
export const noAlerts = (region: string, now: Now): Alerts => ({
  region,
  age: seconds(0),
  ...now,
  seen: {},
  alerts: {},
});

/**
 * A stored state in a new process: the time in between has passed, as far as the wall clock tells,
 * and whatever is running counts on from where it stood. Nothing was seen meanwhile.
 */
export const resume = (stored: Alerts, now: Now): Alerts => ({
  ...stored,
  ...now,
  age: seconds(stored.age + Math.max(0, (now.wall - stored.wall) / 1000)),
  alerts: Object.fromEntries(
    Object.entries(stored.alerts).map(([key, alert]) => [
      key,
      { ...alert, knowledge: { ...alert.knowledge, unbroken: false } },
    ]),
  ),
});

export const isStanding = (alert: Alert): alert is Standing =>
  alert.episode !== undefined &&
  (alert.condition.is === 'firing' || alert.condition.is === 'recovering');
