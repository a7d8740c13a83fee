import type { Because, Condition, Rule } from '../core/rule.ts';
import { formatDuration } from '../core/time.ts';
import type { Settings } from './declared.ts';

/* Rules in the words of the pages that people read. */

/** `[MaasHaX](…)`: to the runbook's file beside a committed page, to the monitor's own face for a site. */
export const runbookLink = (alert: string, folder: string, settings: Settings): string =>
  settings.regions === undefined
    ? `[${alert}](${folder}${alert}.md)`
    : `[${alert}](${settings.publicUrl}/runbooks/${alert})`;

/** `> 120`: how a value is compared. */
function conditionWords(condition: Condition): string {
  if ('above' in condition) return `> ${condition.above}`;
  return 'below' in condition ? `< ${condition.below}` : `= ${condition.equal}`;
}

const matchers = (labels: Readonly<Record<string, string>> = {}): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(', ');

/** `{stage="replay"} > 120, until < 60`: the values at which a rule is true, without the metric's name. */
export function valueWords({ where, when, clear }: Rule): string {
  const which = where === undefined ? '' : `{${matchers(where)}} `;
  const until = clear === undefined ? '' : `, until ${conditionWords(clear)}`;
  return `${which}${conditionWords(when)}${until}`;
}

/** How long it has to be so before anybody is told. */
export const patienceWords = (rule: Rule): string =>
  [
    ...(rule.confirm === true ? ['seen twice'] : []),
    rule.for === 0 ? 'at once' : `for ${formatDuration(rule.for)}`,
  ].join(', ');

/** `MaasHaNodeDown of the same node`: what explains a rule, one text for each of the alternatives. */
export const causeWords = ({ inhibitedBy = [] }: Rule): readonly string[] =>
  inhibitedBy.map(({ and = [], ...because }) => [because, ...and].map(becauseWords).join(' with '));

function becauseWords({ alert, on = {}, only, where, every }: Because): string {
  const joins = Object.entries(on).map(([label, its]) =>
    label === its ? `same ${label}` : `${its} = this ${label}`,
  );
  const notes = [
    ...joins,
    ...(where === undefined ? [] : [matchers(where)]),
    ...(every === undefined ? [] : [`for every ${every}`]),
    ...(only === undefined ? [] : [`explains only ${matchers(only)}`]),
  ];
  return notes.length === 0 ? alert : `${alert} (${notes.join('; ')})`;
}
