import type { Severity } from '../src/core/rule.ts';
import { instant, seconds, type Instant, type Seconds } from '../src/core/time.ts';
import type { Labels } from './identity.ts';
import { isStanding, type Age, type Alert, type Alerts, type Episode, type Now } from './state.ts';
import { DEFAULT_TIMERS } from './timers.ts';

/** One episode as it is shown to a mirror. */
export interface Mirrored {
  readonly region: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly labels: Labels;
  readonly startsAt: Instant;
  /** Present once it is over. */
  readonly endsAt?: Instant;
  readonly annotations: Readonly<Record<string, string>>;
}

type Annotate = (alert: Alert) => Readonly<Record<string, string>>;
type Mirrorable = Alert & { readonly episode: Episode };

/**
 * What a mirror is to be shown now, roots first, so that what they explain is never there before them.
 *
 * - What goes on and is visible or explained, recovering or not: the mirror has the same rules for what
 *   explains what. Not what is pending or held: it may come to nothing. Not what is silenced or in
 *   maintenance: the mirror does not know of our silences, and would tell people. What it was shown
 *   before it was silenced ends there by itself.
 * - What ended less than `retention` ago and was shown to it, with its end. What left the configuration
 *   is not among it: nobody may say that it recovered.
 * - To a mirror, severity is part of an alert's name. So a step of it ends one alert and begins another.
 *
 * What has not been seen for long still goes on, and is annotated `stale`.
 */
export function mirrored(
  state: Alerts,
  now: Now,
  annotate: Annotate,
  retention: Seconds = DEFAULT_TIMERS.retention,
): readonly Mirrored[] {
  const age = seconds(state.age + Math.max(0, (now.steady - state.steady) / 1000));
  const isRecent = (ended: Age | undefined): boolean =>
    ended !== undefined && age - ended <= retention;
  const known = Object.values(state.alerts).filter(
    (alert): alert is Mirrorable => alert.episode !== undefined,
  );
  const on = known.filter(isStanding);
  const current = [
    ...on.filter(({ visibility }) => visibility.is === 'visible'),
    ...on.filter(({ visibility }) => visibility.is === 'folded'),
    ...known.filter((alert) => wasShown(alert) && isRecent(alert.episode.ended)),
  ];
  const former = known.filter(wasShown).flatMap((alert) => formerly(alert, isRecent));
  return [...current.map(presently), ...former].map(({ alert, ...facts }) => ({
    region: state.region,
    rule: alert.rule,
    labels: alert.labels,
    ...facts,
    annotations: { ...annotate(alert), ...stale(alert, facts) },
  }));
}

/** Of a state stored before `shown` was kept, what people were told of was shown. */
const wasShown = ({ episode }: Mirrorable): boolean =>
  episode.shown === true || episode.told !== 'never';

type Facts = Pick<Mirrored, 'severity' | 'startsAt' | 'endsAt'> & { readonly alert: Mirrorable };

const presently = (alert: Mirrorable): Facts => {
  const { formers = [], endsAt } = alert.episode;
  const startsAt = formers.at(-1)?.endsAt ?? alert.episode.startsAt;
  return {
    alert,
    severity: alert.severity,
    startsAt,
    // The wall clock may have been set back meanwhile.
    ...(endsAt !== undefined && { endsAt: instant(Math.max(startsAt, endsAt)) }),
  };
};

/** The severities that it no longer has. One that it has again would be begun and ended at once. */
const formerly = (alert: Mirrorable, isRecent: (ended: Age) => boolean): readonly Facts[] =>
  (alert.episode.formers ?? [])
    .filter(({ severity, ended }) => severity !== alert.severity && isRecent(ended))
    .map(({ severity, startsAt, endsAt }) => ({ alert, severity, startsAt, endsAt }));

const stale = (
  { knowledge, check }: Alert,
  { endsAt }: Pick<Mirrored, 'endsAt'>,
): Readonly<Record<string, string>> =>
  knowledge.is === 'stale' && endsAt === undefined
    ? { stale: `not seen for some time: the check ${check} came to nothing` }
    : {};
