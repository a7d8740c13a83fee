import { nameOf } from '../../alerts/incident.ts';
import type { Transition } from '../../alerts/transition.ts';
import type { Heard } from './messages-post.ts';
import { SHORTENED } from './messages-watch.ts';

/** What came of one fault, or of a time without one. */
export interface Trial {
  readonly fault: string;
  /** When the fault was there, and when it was healed. */
  readonly injected: number;
  readonly healed: number;
  readonly heard: readonly Heard[];
  readonly transitions: readonly Transition[];
  /** What did not happen in time. */
  readonly remarks: readonly string[];
}

/** One episode that somebody was told of, or that explains one. */
export interface Told {
  readonly name: string;
  readonly severity: string;
  /** Seconds after the fault at which the first message arrived. */
  readonly opened: number;
  /** Seconds after the healing at which the last one did; undefined while it is not over. */
  readonly closed: number | undefined;
  readonly explains: readonly string[];
  /** The kinds of messages by channel, in their order. */
  readonly kinds: Readonly<Record<'slack' | 'email', readonly string[]>>;
  readonly runbook: string;
}

/** The episodes that people were told of, the earliest first. */
export function toldIn({ injected, healed, heard, transitions }: Trial): readonly Told[] {
  const people = heard.filter(({ channel }) => channel !== 'alertmanager');
  return [...new Set(people.map(({ episode }) => episode))].map((episode) => {
    const own = people.filter((each) => each.episode === episode);
    const about = transitions.findLast((each) => each.episode?.id === episode);
    const end = own.findLast(({ kind }) => kind === 'close');
    const kindsOn = (wanted: Heard['channel']): readonly string[] =>
      own.filter(({ channel }) => channel === wanted).map(({ kind }) => kind);
    return {
      name: about === undefined ? '?' : nameOf(about),
      severity: about?.severity ?? '?',
      opened: Math.round(((own[0]?.at ?? 0) - injected) / 1000),
      closed: end && Math.round((end.at - healed) / 1000),
      explains: foldedInto(episode, transitions),
      kinds: { slack: kindsOn('slack'), email: kindsOn('email') },
      runbook: own.flatMap(({ attached = [] }) => attached)[0] ?? 'none',
    };
  });
}

const foldedInto = (episode: string, transitions: readonly Transition[]): readonly string[] => [
  ...new Set(
    transitions
      .filter(({ kind, into }) => kind === 'fold' && into?.episode === episode)
      .map(nameOf),
  ),
];

/** Whether a channel had one begin and one end of an episode, whatever was in between. */
const isOneOfEach = (kinds: readonly string[]): boolean =>
  kinds.filter((kind) => kind === 'open').length === 1 &&
  kinds.filter((kind) => kind === 'close').length === 1 &&
  !kinds.includes('reopen') &&
  kinds[0] === 'open' &&
  kinds.at(-1) === 'close';

/** All that is not as it should be: one incident, and in each channel one open and one close of it. */
export function complaintsOf(trial: Trial): readonly string[] {
  const told = toldIn(trial);
  const mirror = trial.heard.filter(({ channel }) => channel === 'alertmanager');
  const left = mirror.filter(
    ({ episode, kind }, index) =>
      kind !== 'close' &&
      !mirror.slice(index).some((e) => e.episode === episode && e.kind === 'close'),
  );
  return [
    ...(told.length > 1 ? [`${told.length} incidents instead of one`] : []),
    ...told.flatMap(({ name, kinds }) =>
      Object.entries(kinds).flatMap(([channel, each]) =>
        isOneOfEach(each) ? [] : [`${channel}: ${name}: ${each.join(', ') || 'nothing'}`],
      ),
    ),
    ...[...new Set(left.map(({ says }) => says))].map((name) => `alertmanager: ${name} not closed`),
    ...trial.remarks,
  ];
}

const HEAD = [
  'fault',
  'told',
  'explains',
  'Slack',
  'e-mail',
  'Alertmanager',
  'runbook',
  'verdict',
] as const;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The table in Markdown, with what it takes to read it. */
export function tableOf(trials: readonly Trial[]): string {
  const shortened = Object.entries(SHORTENED).map(([name, wait]) => `${name} after ${wait}`);
  return [
    row(HEAD),
    row(HEAD.map(() => '---')),
    ...trials.flatMap(rowsOf),
    '',
    'Times: seconds from the fault to the first message, and from the healing to the last.',
    `Shorter waits than in production: ${shortened.join(', ')}.`,
  ].join('\n');
}

function rowsOf(trial: Trial): readonly string[] {
  const told = toldIn(trial);
  const complaints = complaintsOf(trial);
  const verdict = complaints.length === 0 ? 'as it should be' : complaints.join('; ');
  if (told.length === 0)
    return [row([trial.fault, 'nothing', '', '0', '0', mirrorCounts(trial), '', verdict])];
  return told.map((each, index) =>
    row([
      index === 0 ? trial.fault : '',
      `${each.name} (${each.severity}) +${each.opened} s, closed ${each.closed === undefined ? 'never' : `+${each.closed} s`}`,
      each.explains.join(', '),
      each.kinds.slack.join(', '),
      each.kinds.email.join(', '),
      index === 0 ? mirrorCounts(trial) : '',
      each.runbook,
      index === 0 ? verdict : '',
    ]),
  );
}

function mirrorCounts({ heard }: Trial): string {
  const count = (wanted: string): number =>
    heard.filter(({ channel, kind }) => channel === 'alertmanager' && kind === wanted).length;
  return `open ${count('open')}, explained ${count('explained')}, close ${count('close')}`;
}
