import type { CheckFailure, FailureCode } from './failure.ts';
import type { IdentityOf, Metric, Observation } from './metric.ts';
import type { Ports } from './ports/ports.ts';
import type { Region } from './region.ts';
import type { Finding, Rule } from './rule.ts';
import type { Clock, Instant, Seconds } from './time.ts';

/** Ordered from the best to the worst; `skipped` says nothing about health. */
export const STATES = ['skipped', 'ok', 'unknown', 'warning', 'critical'] as const;
export type State = (typeof STATES)[number];

/** The worst of several states; `skipped` when there is none. */
export const worst = (states: Iterable<State>): State =>
  [...states].reduce<State>((a, b) => (STATES.indexOf(b) > STATES.indexOf(a) ? b : a), 'skipped');

/** One thing that was seen, in words: what an operator would want read to her. */
export interface Evidence {
  readonly kind: 'evidence';
  /** What it is about: a node, a zone, a witness. */
  readonly subject: string;
  readonly says: string;
}

/** Something that had to be looked at and could not be: the result is not health. */
export interface Gap {
  readonly kind: 'gap';
  readonly subject: string;
  readonly failure: CheckFailure;
}

/** Something that is not looked at here, by configuration or for want of privilege; it alarms nobody. */
export interface Skip {
  readonly kind: 'skip';
  readonly subject: string;
  readonly code: FailureCode;
  readonly reason: string;
}

/**
 * The check looked, and there is nothing (any more) that these series of the metric could describe: the
 * standby is the primary now, the peer is no member any more. That is neither good nor bad, and what was
 * bad about it is over. Never to be said where one could not look: that is a gap, or silence.
 */
export interface Inapplicable {
  readonly kind: 'inapplicable';
  readonly metric: Metric;
  /** All series that have these labels, and any others; a sample in the same run is stronger. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What the next run of this check on this region is to be given back. */
export interface Memory {
  readonly kind: 'memory';
  readonly value: unknown;
}

/** What a check has to say: any number of these, in the order in which a person should read them. */
export type Note = Observation | Inapplicable | Evidence | Gap | Skip | Memory;

export const evidence = (subject: string, says: string): Evidence => ({
  kind: 'evidence',
  subject,
  says,
});
export const gap = (subject: string, failure: CheckFailure): Gap => ({
  kind: 'gap',
  subject,
  failure,
});
export const skip = (subject: string, code: FailureCode, reason: string): Skip => ({
  kind: 'skip',
  subject,
  code,
  reason,
});
export const doesNotApply = <Label extends string>(
  metric: Metric<Label>,
  labels: IdentityOf<NoInfer<Label>>,
): Inapplicable => ({
  kind: 'inapplicable',
  metric,
  // An optional label is left out, never undefined: the compiler insists, and cannot conclude it here.
  labels: labels as Readonly<Record<string, string>>,
});
/** Must mean the same after `JSON.parse(JSON.stringify(value))`; moments are those of `clock.steady()`. */
export const remember = (value: unknown): Memory => ({ kind: 'memory', value });

/** What set a run off. */
export type Trigger = 'cron' | 'startup' | 'followup' | 'event' | 'probe' | 'cli';

export interface CheckContext<Remembered = unknown> {
  readonly io: Ports;
  readonly clock: Clock;
  /** Aborted at the deadline; the ports obey it by themselves. */
  readonly signal: AbortSignal;
  /**
   * What the run before gave to `remember`; undefined on the first run and in a one-off run. It may have
   * been written by another version of the check: parse it, and take what cannot be read for absent.
   */
  readonly memory: Remembered | undefined;
  /** True when no further run will follow: look twice now if one look cannot tell. */
  readonly once: boolean;
  /** The newest results of the checks named in `needs`. */
  readonly needs: Readonly<Record<string, CheckResult>>;
}

export interface CheckSpec<Remembered = unknown> {
  /** Equal to the file's name. */
  readonly name: string;
  /** One sentence, for `maasha list` and the documentation. */
  readonly about: string;
  /** How often: a duration that divides a minute, an hour or a day, or a cron expression (UTC). */
  readonly every: string;
  /** The hard end of one run. */
  readonly timeout: Seconds;
  readonly metrics: readonly Metric[];
  readonly rules: readonly Rule[];
  /** Present on a check of the monitor itself: it runs once per process, not once per region. */
  readonly scope?: 'monitor';
  /**
   * Why this check has nothing to look at in such a region: no such section, no such generation. Where it
   * gives a reason the check does not exist for that region: it is neither run nor green.
   */
  readonly absence?: (region: Region) => string | undefined;
  /** Checks whose results this one combines; such a check does no I/O and has no schedule of its own. */
  readonly needs?: readonly string[];
  readonly run: (region: Region, context: CheckContext<Remembered>) => Promise<readonly Note[]>;
}

/** A check whose memory's type is sealed: what the catalogue, the spine and all faces handle. */
export interface Check extends Omit<CheckSpec, 'run'> {
  run(region: Region, context: CheckContext): Promise<readonly Note[]>;
}

/** Declares a check; the type of its memory is known inside and sealed outside. */
export const defineCheck = <Remembered = undefined>(spec: CheckSpec<Remembered>): Check => ({
  ...spec,
  // Only the check itself writes its memory, maybe in an older version: it parses what it gets.
  run: (region, context) => spec.run(region, context as CheckContext<Remembered>),
});

/** One run of one check on one region, whatever set it off. */
export interface CheckResult {
  readonly check: string;
  readonly region: string;
  readonly trigger: Trigger;
  readonly state: State;
  readonly startedAt: Instant;
  readonly took: Seconds;
  readonly observations: readonly Observation[];
  /** What was looked for and does not exist: alerts about it recover. */
  readonly inapplicable: readonly Inapplicable[];
  readonly findings: readonly Finding[];
  readonly evidence: readonly Evidence[];
  readonly gaps: readonly Gap[];
  readonly skips: readonly Skip[];
  /** Set when the run as a whole came to nothing. */
  readonly failure?: CheckFailure;
  readonly memory?: unknown;
}
