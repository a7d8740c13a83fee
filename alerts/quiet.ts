import type { Rule, Severity } from '../src/core/rule.ts';
import {
  between,
  formatDuration,
  instant,
  seconds,
  type Instant,
  type Seconds,
} from '../src/core/time.ts';
import type { Catalogue } from './catalogue.ts';
import { isGrave } from './causes.ts';
import { identityLabels, type Labels } from './identity.ts';
import type { Alerts } from './state.ts';
import type { Quiet } from './visibility.ts';
import { longestOf, spanAt, timeProblems, type Window } from './windows.ts';
import { isZone } from './zone.ts';

/**
 * What a person does not want to hear of for some time. It is never changed: to make it longer is
 * another one, with its own author and reason.
 */
export interface Silence {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly created: Instant;
  /** Wall-clock time: what the person meant. A clock that jumps moves the end. */
  readonly until: Instant;
  /** Absent: every region. */
  readonly region?: string;
  /** Absent: every rule, except those that are never hidden without being named. */
  readonly rule?: string;
  /** An alert must have all of these. */
  readonly labels?: Labels;
  /** Only this episode; the silence ends with it. One that is continued (back within its window) is the same. */
  readonly episode?: string;
}

/** The longest silence by the gravest severity that it hides. */
const SILENCE_AT_MOST: Readonly<Record<Severity, Seconds>> = {
  critical: seconds(86_400),
  warning: seconds(7 * 86_400),
  info: seconds(30 * 86_400),
};

/** The longest for data that may be doubled and for a monitor that is cut off: rules that `isGrave` finds. */
const GRAVE_AT_MOST: Seconds = seconds(3600);

/** How long before its end a silence says so; half its length, if that is less. */
const WARNING: Seconds = seconds(900);

type Known = Pick<Catalogue, 'rules'>;
type Scope = Pick<Silence, 'rule' | 'labels' | 'episode'>;

/**
 * Why there must be no such silence, as a sentence; undefined when there may be.
 *
 * What is grave (`isGrave`) is hidden only by a silence that names its rule or an episode, for an hour
 * at most. A broad one does not hide it, whatever its length, and is measured by the rest.
 */
export function silenceProblem(
  silence: Silence,
  catalogue: Known,
  now: Instant,
): string | undefined {
  const { by, reason, created, until } = silence;
  if (by.trim() === '') return 'a silence needs its author';
  if (reason.trim() === '') return 'a silence needs a reason: whoever finds it must know why';
  if (!(until > Math.max(now, created))) return 'the silence would be over before it begins';
  const [problem] = scopeProblems(silence, catalogue);
  if (problem !== undefined) return problem;
  const hidden = hiddenBy(silence, catalogue);
  const longest = Math.min(...hidden.map(longestFor));
  if (between(created, until) <= longest) return undefined;
  const [gravest] = hidden.filter((each) => longestFor(each) === longest);
  return `it lasts ${formatDuration(between(created, until))}; what hides ${gravest?.name ?? 'this'} may last ${formatDuration(seconds(longest))} at most`;
}

/** The rules whose alerts something of this scope can hide. */
const hiddenBy = ({ rule, labels = {}, episode }: Scope, { rules }: Known): readonly Rule[] =>
  [...rules.values()]
    .map((known) => known.rule)
    .filter((each) => rule === undefined || each.name === rule)
    .filter((each) => rule !== undefined || episode !== undefined || !isGrave(each))
    .filter((each) => Object.keys(labels).every((label) => identityLabels(each).includes(label)));

const misfit = ({ rule, labels = {} }: Scope): string =>
  `${rule ?? 'no rule'} has no alerts with the labels ${Object.keys(labels).join(', ')}`;

const longestFor = (rule: Rule): Seconds =>
  isGrave(rule) ? GRAVE_AT_MOST : SILENCE_AT_MOST[rule.severity];

/** All that is wrong with a maintenance window, each as a sentence with what was found and what is expected. */
export function windowProblems(window: Window, catalogue: Known): readonly string[] {
  const { name, zone = 'UTC', rules = [] } = window;
  const isKnown = isZone(zone);
  const longest = isKnown ? longestOf(window) : seconds(0);
  return [
    ...(name.trim() === '' ? ['a maintenance window needs a name'] : []),
    ...(isKnown ? timeProblems(window) : [`"${zone}" is no time zone: write Europe/Berlin`]),
    ...scopesOf(window).flatMap((scope) => scopeProblems(scope, catalogue)),
    ...rules
      .filter((rule) => isGraveName(rule, catalogue) && longest > GRAVE_AT_MOST)
      .map(
        (rule) =>
          `it lasts ${formatDuration(longest)}; what hides ${rule} may last ${formatDuration(GRAVE_AT_MOST)} at most`,
      ),
  ];
}

const scopesOf = ({ rules, labels = {} }: Window): readonly Scope[] =>
  rules === undefined ? [{ labels }] : rules.map((rule) => ({ rule, labels }));

const isGraveName = (name: string, { rules }: Known): boolean => {
  const known = rules.get(name);
  return known !== undefined && isGrave(known.rule);
};

function scopeProblems(scope: Scope, catalogue: Known): readonly string[] {
  if (scope.rule !== undefined && !catalogue.rules.has(scope.rule))
    return [`no alert is named ${scope.rule}`];
  return hiddenBy(scope, catalogue).length === 0 ? [`it would hide nothing: ${misfit(scope)}`] : [];
}

/** What is quiet now in a region: for the life cycle. */
export const quietsAt = (
  silences: readonly Silence[],
  windows: readonly Window[],
  region: string,
  now: Instant,
): readonly Quiet[] => [
  ...silences.filter((silence) => concerns(silence, region) && now < silence.until).map(quietOf),
  ...windows.filter((window) => concerns(window, region)).flatMap((each) => closed(each, now)),
];

const concerns = (scope: { readonly region?: string }, region: string): boolean =>
  scope.region === undefined || scope.region === region;

const quietOf = ({ id, created, until, rule, labels, episode }: Silence): Quiet => ({
  is: 'silenced',
  id,
  until,
  warnFrom: instant(until - 1000 * Math.min(WARNING, between(created, until) / 2)),
  ...(rule !== undefined && { rule }),
  ...(labels !== undefined && { labels }),
  ...(episode !== undefined && { episode }),
});

function closed(window: Window, now: Instant): readonly Quiet[] {
  const span = spanAt(window, now);
  if (span === undefined) return [];
  const { name: id, rules, labels } = window;
  const quiet: Quiet = {
    is: 'maintenance',
    id,
    until: span.to,
    ...(labels !== undefined && { labels }),
  };
  return rules === undefined ? [quiet] : rules.map((rule) => ({ ...quiet, rule }));
}

/**
 * The silences that will hide nothing any more: their time is over, or their episode is, in all the
 * regions given. Leave the regions out while not all are loaded.
 */
export function expired(
  silences: readonly Silence[],
  now: Instant,
  regions?: readonly Alerts[],
): readonly Silence[] {
  const alive =
    regions &&
    new Set(
      regions.flatMap(({ alerts }) => Object.values(alerts).map(({ episode }) => episode?.id)),
    );
  return silences.filter(
    ({ until, episode }) =>
      until <= now || (episode !== undefined && alive?.has(episode) === false),
  );
}
