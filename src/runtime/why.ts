import { partsOf } from '../../alerts/causes.ts';
import { shortId } from '../../alerts/notice.ts';
import type { Delivery } from '../../alerts/outbox/delivery.ts';
import {
  isStanding,
  type Age,
  type Alert,
  type Alerts,
  type Standing,
} from '../../alerts/state.ts';
import { spanAt } from '../../alerts/windows.ts';
import { shortUtc } from '../../alerts/render/words.ts';
import type { Rule, Severity } from '../core/rule.ts';
import { formatDuration, instant, seconds, type Instant } from '../core/time.ts';
import type { Outlet, Picture } from './picture.ts';

/*
 * Why an alert was told, or was not: one sentence for the alert, one for each channel. All texts are
 * raw; some of them came from the network.
 */

/** What a moment of a region's life clock is on the wall clock. */
export const wallOf = ({ wall, age }: Pick<Alerts, 'wall' | 'age'>, moment: Age): Instant =>
  instant(wall + (moment - age) * 1000);

/** Rounded: nobody reads milliseconds of a hold-down. */
const span = (length: number): string => formatDuration(seconds(Math.max(0, Math.round(length))));

/** How an alert stands and what hides it, as a sentence. */
export function presentOf(alert: Alert, state: Alerts, picture: Picture): string {
  const parts = isStanding(alert)
    ? [conditionOf(alert, state, picture), hiddenBy(alert, state, picture) ?? 'it may be told']
    : [conditionOf(alert, state, picture)];
  const { ownership, stability, knowledge } = alert;
  return [
    ...parts,
    ...(ownership.is === 'acked' ? [`${ownership.by} takes care of it (${ownership.via})`] : []),
    ...(stability.is === 'flapping' ? ['it comes and goes'] : []),
    ...(knowledge.is === 'stale'
      ? [`not seen since ${at(wallOf(state, knowledge.at), picture)}`]
      : []),
  ].join('; ');
}

const at = (moment: Instant, { now }: Picture): string => shortUtc(moment, now);

function conditionOf(alert: Alert, state: Alerts, picture: Picture): string {
  const { condition } = alert;
  const when = (moment: Age): string => at(wallOf(state, moment), picture);
  switch (condition.is) {
    case 'inactive':
      return 'it is not bad';
    case 'resolved':
      return alert.episode?.told === 'never'
        ? `over since ${when(condition.at)}, before anybody was told`
        : `over since ${when(condition.at)}`;
    case 'pending':
      return `pending since ${when(condition.since)}: ${neededBy(alert, picture)}so far ${span(condition.elapsed)} and ${condition.samples}`;
    case 'firing':
      return `firing since ${when(condition.since)}`;
    case 'recovering':
      return `recovering since ${at(condition.clearedAt, picture)}: good for ${span(condition.elapsed)}${keptFor(alert, picture)}`;
  }
}

function neededBy({ rule: name, severity }: Alert, { catalogue }: Picture): string {
  const rule = catalogue?.rules.get(name)?.rule;
  if (catalogue === undefined || rule === undefined) return '';
  const samples = samplesOf(rule, catalogue.timers.patience[severity].minSamples);
  return `it needs ${span(rule.for)} and ${samples} bad ${samples === 1 ? 'sample' : 'samples'}, `;
}

const keptFor = ({ severity }: Alert, { catalogue }: Picture): string =>
  catalogue === undefined ? '' : ` of ${span(catalogue.timers.patience[severity].keepFor)}`;

/** How many bad samples a rule wants before it fires. */
function samplesOf(rule: Rule, least: number): number {
  if (rule.confirm === true) return Math.max(2, least);
  return rule.for === 0 ? 1 : least;
}

/** Why nobody may be told of an alert that goes on; undefined when people may. */
function hiddenBy(alert: Standing, state: Alerts, picture: Picture): string | undefined {
  const { visibility } = alert;
  switch (visibility.is) {
    case 'visible':
      return undefined;
    case 'undecided':
      return 'it has only just fired';
    case 'held':
      return `held until ${at(wallOf(state, visibility.until), picture)} for a cause that may still show${causes(alert, picture)}`;
    case 'folded':
      return `folded into ${visibility.into.rule} (${shortId(visibility.into.episode)}), which explains it`;
    case 'silenced':
      return silencedBy(visibility.id, picture);
    case 'maintenance':
      return windowOf(visibility.id, picture);
  }
}

function causes({ rule }: Alert, { catalogue }: Picture): string {
  const names = (catalogue?.causes[rule] ?? []).flatMap(partsOf).map(({ alert }) => alert);
  return names.length === 0 ? '' : `: ${[...new Set(names)].join(', ')}`;
}

function silencedBy(id: string, picture: Picture): string {
  const silence = picture.silences.find((each) => each.id === id);
  return silence === undefined
    ? `silenced (${shortId(id)})`
    : `silenced by ${silence.by} until ${at(silence.until, picture)} (${shortId(id)}): ${silence.reason}`;
}

function windowOf(name: string, picture: Picture): string {
  const window = picture.windows.find((each) => each.name === name);
  const inForce = window && spanAt(window, picture.now);
  const until = inForce === undefined ? '' : ` until ${at(inForce.to, picture)}`;
  return `in the maintenance window ${name}${until}`;
}

/** How far one channel was told of an alert's episode or why it was not, as a sentence. */
export function toldOn(alert: Alert, state: Alerts, outlet: Outlet, picture: Picture): string {
  const { episode } = alert;
  if (outlet.mirror !== undefined) return mirrorWords(alert, outlet);
  const rows = picture.deliveries
    .filter((each) => each.episode === episode?.id && each.channel === outlet.name)
    .sort((a, b) => a.seq - b.seq);
  const newest = rows.findLast(({ stage }) => stage !== 'superseded');
  if (newest !== undefined) return deliveryWords(newest, outlet, picture);
  const taken = rows.length > 0 ? 'what waited to be sent was taken back: ' : '';
  return `${taken}${untold(alert, state, outlet, picture)}`;
}

const mirrorWords = (alert: Alert, { mirror }: Outlet): string =>
  isStanding(alert) && ['visible', 'folded'].includes(alert.visibility.is)
    ? `shown to it, again and again (${mirror ?? 'mirror'})`
    : 'not shown to it: only what goes on and is visible or explained is';

/** How one delivery stands. */
function deliveryWords(delivery: Delivery, { trouble: broken }: Outlet, picture: Picture): string {
  const { notice, stage, settled, due, trouble, receipt } = delivery;
  const { kind } = notice;
  const why = trouble === undefined ? '' : `: ${trouble}`;
  const parked = broken === undefined ? '' : `; the channel does not deliver: ${broken}`;
  switch (stage) {
    case 'sent':
      return `${kind} sent at ${at(settled ?? due, picture)}${rejectedIn(receipt)}`;
    case 'leased':
      return `${kind} is being sent`;
    case 'doubtful':
      return `${kind} may have arrived${why}; the channel is asked at ${at(due, picture)}${parked}`;
    case 'dead':
      return `${kind} was given up${why}`;
    case 'superseded':
      return `${kind} was taken back`;
    case 'queued':
      return `${kind} ${waitingWords(delivery, picture)}${why}${parked}`;
  }
}

function waitingWords({ due, attempts, trouble }: Delivery, picture: Picture): string {
  if (due > picture.now && attempts === 0 && trouble === undefined)
    return `waits until ${at(due, picture)} for what it explains`;
  return attempts === 0
    ? 'waits'
    : `waits after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
}

function rejectedIn(receipt: Delivery['receipt']): string {
  const rejected = receipt?.['rejected'];
  return Array.isArray(rejected) ? `, but not to ${rejected.join(', ')}` : '';
}

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

/** Why nothing was ever sent to a channel about this episode. */
function untold(alert: Alert, state: Alerts, outlet: Outlet, picture: Picture): string {
  if (!isStanding(alert)) return `not told: ${conditionOf(alert, state, picture)}`;
  const why = hiddenBy(alert, state, picture) ?? notRouted(alert, state.region, outlet, picture);
  return `not told: ${why}`;
}

function notRouted(alert: Standing, region: string, outlet: Outlet, picture: Picture): string {
  const { severity, labels } = alert;
  const { name, severity: from, regions, trouble } = outlet;
  if (RANK[severity] < RANK[from])
    return `it is ${severity}, and the channel is told of ${from}${from === 'critical' ? ' only' : ' and worse'}`;
  if (regions?.includes(region) === false)
    return `the channel is told of ${regions.join(', ')} only, and this is ${region}`;
  if (labels['channel'] === name) return 'it is about this channel, and is told through the others';
  const later = waitsForOthers(alert, outlet, picture);
  if (later !== undefined) return later;
  return trouble === undefined
    ? 'the channel was not configured when it opened'
    : `the channel does not deliver: ${trouble}`;
}

/** Others are to be told first, or instead. */
function waitsForOthers(
  { episode }: Standing,
  { level }: Outlet,
  { outlets }: Picture,
): string | undefined {
  if (level > (episode.followup?.level ?? 0))
    return `the channel is told only when nobody acknowledges it (level ${level} of escalation)`;
  const primary = outlets.find(({ mirror }) => mirror === 'primary');
  return primary && `${primary.name} tells people, while it takes what it is shown`;
}
