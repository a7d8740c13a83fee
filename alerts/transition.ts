import type { Severity } from '../src/core/rule.ts';
import type { Instant } from '../src/core/time.ts';
import type { Labels } from './identity.ts';
import type { Alert, Root } from './state.ts';

/** What people may be told (and at most: `told` says whether they know of the episode at all). */
export type Told =
  | 'open'
  | 'update'
  | 'close'
  | 'reopen'
  | 'fold'
  | 'unfold'
  | 'mute'
  | 'unmute'
  | 'flapping'
  | 'steady'
  | 'retire'
  | 'acknowledge'
  | 'unacknowledge'
  /** Nobody has acknowledged it, or somebody has long ago: it still goes on. */
  | 'remind'
  /** Nobody has acknowledged it in time: the next channel hears of it. */
  | 'escalate'
  /** Told even if nobody knows of the episode: the silence that hides it ends soon. */
  | 'expiring';

/** What is only for the journal and `explain`. */
export const UNTOLD = [
  'pend',
  'drop',
  'fire',
  'hold',
  'recover',
  'relapse',
  'stale',
  'fresh',
  'lapse',
] as const;

/** What happened to an alert. */
export type Kind = Told | (typeof UNTOLD)[number];

export type Reason =
  | 'first bad sample'
  | 'good before its time'
  | 'bad for long enough'
  | 'too unsteady to be bad for long enough'
  | 'back within the reopen window'
  | 'good sample'
  | 'bad again'
  | 'good for long enough'
  | 'ended before anybody was told'
  | 'nothing explains it'
  | 'no cause showed in time'
  | 'its cause is over'
  | 'a cause may still show'
  | 'explained by a cause'
  | 'explained by another cause'
  | 'the monitor is isolated'
  | 'in a maintenance window'
  | 'silenced'
  | 'no longer silenced'
  | 'severity changed'
  | 'news'
  | 'explains more'
  | 'explains something graver'
  | 'changes too often'
  | 'calm again'
  | 'not seen for too long'
  | 'seen again'
  | 'rule no longer configured'
  | 'what it is about is no longer configured'
  | 'by a person'
  | 'acknowledgement ran out'
  | 'nobody has acknowledged it'
  | 'acknowledged and still going on'
  | 'its silence ends soon'
  | 'whoever else told people does so no more';

/** What one step of one alert says, before the alert's own facts are added. */
export interface Said {
  readonly kind: Kind;
  readonly reason: Reason;
  /** Of an escalation: which one, from 1. */
  readonly level?: number;
}

export interface Transition extends Said {
  readonly at: Instant;
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly labels: Labels;
  readonly summary: string;
  /** Whether people have been told that this episode is open, this transition included. */
  readonly told: boolean;
  readonly episode?: { readonly id: string; readonly startsAt: Instant; readonly endsAt?: Instant };
  /** The root, of what is folded. */
  readonly into?: Root;
}

/** What one step of one alert said, as the alert is after that step. */
export function transitionsOf(
  alert: Alert,
  said: readonly Said[],
  at: Instant,
): readonly Transition[] {
  const closes = said.some(({ kind }) => kind === 'close' || kind === 'retire');
  const facts = {
    at,
    fingerprint: alert.fingerprint,
    rule: alert.rule,
    severity: alert.severity,
    labels: alert.labels,
    summary: alert.summary,
    told: closes || alert.episode?.told === 'open',
    ...(alert.episode !== undefined && { episode: factsOf(alert.episode) }),
    ...(alert.visibility.is === 'folded' && { into: alert.visibility.into }),
  };
  return said.map((each) => ({ ...each, ...facts }));
}

const factsOf = ({ id, startsAt, endsAt }: NonNullable<Alert['episode']>) => ({
  id,
  startsAt,
  ...(endsAt !== undefined && { endsAt }),
});
