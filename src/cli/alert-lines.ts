import { subjectOf } from '../../alerts/render/words.ts';
import { oneLine } from '../core/describe.ts';
import { between, formatDuration, instant, seconds } from '../core/time.ts';
import type { AlertView } from '../runtime/api-views.ts';
import type { Explanation, LineView } from '../runtime/explain.ts';
import { colours } from './colours.ts';

/* Alerts as lines for a terminal. What came from the network is made harmless here. */

/** `2026-11-23 15:02:07 UTC` */
export const utc = (iso: string): string => iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');

const moment = (iso: string) => instant(Date.parse(iso));

/** From one moment to another, in whole seconds. */
const lengthBetween = (from: string, to: string): string =>
  formatDuration(seconds(Math.max(0, Math.round(between(moment(from), moment(to))))));

const nameOf = ({ name, labels }: AlertView): string => {
  const subject = subjectOf(labels);
  return oneLine(subject === '' ? name : `${name} (${subject})`);
};

const duration = ({ since, ended }: AlertView, at: string): string =>
  ended === undefined
    ? `for ${lengthBetween(since, at)}`
    : `was ${lengthBetween(since, ended)}, over ${lengthBetween(ended, at)} ago`;

const ownerOf = ({ owner }: AlertView): string =>
  owner === undefined ? 'nobody' : oneLine(`${owner.by} (${owner.via})`);

const INDENT = ' '.repeat(12);

/** One alert a line, aligned, and below each what it is and who was told. */
export function alertLines(alerts: readonly AlertView[], at: string): readonly string[] {
  const { bold, dim, state } = colours(process.stdout);
  const widths = [nameOf, (each: AlertView) => duration(each, at)].map((column) =>
    Math.max(0, ...alerts.map((each) => column(each).length)),
  );
  return alerts.flatMap((alert) => {
    const { severity, shown, region, episode } = alert;
    const paint = severity === 'info' ? dim : state(severity);
    return [
      [
        `  ${paint(severity.padEnd(8))}`,
        shown.padEnd(12),
        bold(nameOf(alert).padEnd(widths[0] ?? 0)),
        duration(alert, at).padEnd(widths[1] ?? 0),
        episode?.short ?? '–'.padEnd(6),
        oneLine(region),
        ownerOf(alert),
      ].join('  '),
      ...detailsOf(alert).map((line) => dim(`${INDENT}${oneLine(line)}`)),
    ];
  });
}

const detailsOf = ({ summary, present, explains, channels }: AlertView): readonly string[] => [
  summary,
  present,
  ...(explains.length === 0 ? [] : [`explains ${explains.join(', ')}`]),
  ...channels.map(({ channel, says }) => `${channel}: ${says}`),
];

/** All about one alert: how it stands, who was told, and how it came to that. */
export function explanationLines(
  { fingerprint, present, lines }: Explanation,
  at: string,
): readonly string[] {
  const { bold, dim } = colours(process.stdout);
  return [
    ...(present === undefined
      ? [bold(oneLine(fingerprint)), `${INDENT}nothing is known of it any more but its journal`]
      : alertLines([present], at)),
    ...(lines.length === 0 ? [dim(`${INDENT}the journal has no line about it`)] : []),
    ...lines.map(journalLine),
  ];
}

function journalLine({ at, episode, words }: LineView): string {
  const { dim } = colours(process.stdout);
  return `  ${dim(utc(at))}  ${(episode ?? '').slice(-6).padEnd(6)}  ${oneLine(words)}`;
}
