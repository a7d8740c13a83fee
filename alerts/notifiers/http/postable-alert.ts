import { instant, type Instant, type Seconds } from '../../../src/core/time.ts';
import type { Mirrored } from '../../mirror.ts';
import { rfc3339 } from './rfc3339.ts';

/** An alert as Alertmanager's API v2 takes it (api/v2/openapi.yaml, `postableAlert`). */
export interface PostableAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339, as is `endsAt`. */
  readonly startsAt: string;
  /** In the past: it is over. In the future: so long it goes on should nothing more be heard of it. */
  readonly endsAt: string;
  readonly generatorURL?: string;
}

export interface PostableSettings {
  readonly site?: string | undefined;
  readonly generatorUrl?: string | undefined;
  /** For how long a firing alert stays when nothing more is heard of it. */
  readonly lasts: Seconds;
}

/**
 * An episode in Alertmanager's words.
 *
 * The labels are the alert's identity there: with nothing in them that two monitors would say
 * differently, Alertmanager takes the alerts of both for one. It refuses an end before the beginning,
 * which a clock that was set back would make, and takes an end in the future for an alert that goes
 * on: both ends are moved as far as they have to be.
 */
export function postableAlert(
  alert: Mirrored,
  now: Instant,
  { site, generatorUrl, lasts }: PostableSettings,
): PostableAlert {
  const { startsAt, endsAt } = lifetime(alert, now, lasts);
  return {
    labels: {
      ...named(alert.labels),
      ...(site !== undefined && { site }),
      region: alert.region,
      severity: alert.severity,
      alertname: alert.rule,
    },
    annotations: named(alert.annotations),
    startsAt: rfc3339(startsAt),
    endsAt: rfc3339(endsAt),
    ...(generatorUrl !== undefined && { generatorURL: generatorUrl }),
  };
}

function lifetime(
  alert: Mirrored,
  now: Instant,
  lasts: Seconds,
): { readonly startsAt: Instant; readonly endsAt: Instant } {
  const startsAt = Number.isFinite(alert.startsAt) ? alert.startsAt : now;
  if (alert.endsAt === undefined)
    return { startsAt, endsAt: instant(Math.max(now, startsAt) + lasts * 1000) };
  const over = instant(Math.min(alert.endsAt, now));
  return { startsAt: instant(Math.min(startsAt, over)), endsAt: over };
}

/**
 * With names that Prometheus allows. A name that it does not is changed, since to drop a label could
 * make one alert of two; a label without a value is left out, as Alertmanager does.
 */
const named = (pairs: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(pairs)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name.replaceAll(/\W/g, '_').replace(/^(?![A-Za-z_])/, '_'), value]),
  );
