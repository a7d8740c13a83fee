import { silenceProblem, type Silence } from '../../alerts/quiet.ts';
import { isStanding, type Standing } from '../../alerts/state.ts';
import { shortId } from '../../alerts/notice.ts';
import { instant, type Seconds } from '../core/time.ts';
import type { Alerting } from './alerting.ts';

/** What an operator asked for cannot be done: why, and what can. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** It is about something that does not exist. */
export class NothingFound extends CommandError {}

/** An alert that goes on, and where. */
export interface Found {
  readonly region: string;
  readonly alert: Standing;
}

/** Who does something, and by which way. */
export interface Hand {
  readonly by: string;
  readonly via: string;
}

export const SILENCES = 'silences';

/** All alerts that go on, worst first. */
export const standing = ({ desk }: Alerting): readonly Found[] =>
  desk
    .states()
    .flatMap(({ region, alerts }) =>
      Object.values(alerts).flatMap((alert) => (isStanding(alert) ? [{ region, alert }] : [])),
    );

/**
 * The alerts that a person means: by fingerprint, by an episode's id or its last characters, or by
 * the alert's name, which may be several.
 *
 * @throws NothingFound with what there is.
 */
export function meant(alerting: Alerting, what: string, region?: string): readonly Found[] {
  const all = standing(alerting).filter((each) => region === undefined || each.region === region);
  const found = all.filter(
    ({ alert }) =>
      alert.fingerprint === what ||
      alert.rule === what ||
      alert.episode.id === what ||
      shortId(alert.episode.id) === what.toUpperCase(),
  );
  if (found.length > 0) return found;
  const names = all.map(({ alert }) => `${alert.rule} (${shortId(alert.episode.id)})`);
  throw new NothingFound(
    `no alert that goes on is called ${what}; ${names.length === 0 ? 'there is none at all' : `there is ${names.join(', ')}`}`,
  );
}

/** Somebody takes care of it. @throws CommandError */
export function acknowledge(
  alerting: Alerting,
  {
    region,
    alert,
  }: { readonly region: string; readonly alert: Pick<Standing, 'fingerprint' | 'episode'> },
  { by, via }: Hand,
  lasts?: Seconds,
): void {
  if (by.trim() === '') throw new CommandError('an acknowledgement needs its author');
  alerting.desk.command(
    region,
    {
      is: 'acknowledge',
      fingerprint: alert.fingerprint,
      by,
      via,
      ...(lasts !== undefined && { lasts }),
    },
    { entry: entry(alerting, region, alert, { does: 'acknowledge', by, via }) },
  );
}

/** Nobody takes care of it any more. */
export function unacknowledge(
  alerting: Alerting,
  { region, alert }: Found,
  { by, via }: Hand,
): void {
  alerting.desk.command(
    region,
    { is: 'unacknowledge', fingerprint: alert.fingerprint },
    { entry: entry(alerting, region, alert, { does: 'unacknowledge', by, via }) },
  );
}

/** What a silence is to hide, and for how long. */
export interface SilenceWish extends Pick<
  Silence,
  'by' | 'reason' | 'region' | 'rule' | 'labels' | 'episode'
> {
  readonly lasts: Seconds;
}

/** @throws CommandError when there must be no such silence. */
export function silence(alerting: Alerting, { lasts, ...wish }: SilenceWish): Silence {
  const { catalogue } = alerting;
  const now = alerting.now();
  if (catalogue === undefined) throw new CommandError('the monitor is just starting');
  const made: Silence = {
    ...wish,
    id: alerting.mint(),
    created: now,
    until: instant(now + lasts * 1000),
  };
  const problem = silenceProblem(made, catalogue, now);
  if (problem !== undefined) throw new CommandError(problem);
  alerting.keepSilences([...alerting.silences, made], {
    at: now,
    region: made.region ?? '*',
    ...(made.episode !== undefined && { episode: made.episode }),
    what: 'operator',
    says: { does: 'silence', ...made },
  });
  return made;
}

/** Ends a silence before its time. @throws CommandError */
export function unsilence(alerting: Alerting, id: string, { by, via }: Hand): Silence {
  const { silences } = alerting;
  const [found, second] = silences.filter(
    (each) => each.id === id || shortId(each.id) === id.toUpperCase(),
  );
  if (found === undefined || second !== undefined)
    throw new NothingFound(
      `no silence has the id ${id}; there is ${silences.map((each) => shortId(each.id)).join(', ') || 'none at all'}`,
    );
  alerting.keepSilences(
    silences.filter((each) => each !== found),
    {
      at: alerting.now(),
      region: found.region ?? '*',
      what: 'operator',
      says: { does: 'unsilence', id: found.id, by, via },
    },
  );
  return found;
}

const entry = (
  alerting: Alerting,
  region: string,
  { fingerprint, episode }: Pick<Standing, 'fingerprint' | 'episode'>,
  says: Readonly<Record<string, unknown>>,
) => ({
  at: alerting.now(),
  region,
  fingerprint,
  episode: episode.id,
  what: 'operator' as const,
  says,
});
