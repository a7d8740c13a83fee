import type { Outcome, Shown } from './queries-ask.ts';
import type { Compared } from './queries-alerts.ts';
import { EXPECTED, QUIET, type Change } from './queries-expected.ts';

/** What was seen at one time: while all was well, or in a fault. */
export interface Phase {
  /** The fault's name, or `healthy`. */
  readonly name: string;
  readonly outcomes: readonly Outcome[];
  readonly alerts: readonly Compared[];
  /** What promtool finds fault with in the scrape. */
  readonly lint: readonly string[];
  /** What did not happen in time. */
  readonly remarks: readonly string[];
}

export const HEALTHY = 'healthy';

const keyOf = ({ dashboard, from, title, refId }: Outcome): string =>
  [dashboard, from, title, refId].join('\t');

/** What is not as it should be, in words; nothing is good. With `onlyNow` what only history tells is not wanted. */
export function complaintsOf(
  phases: readonly Phase[],
  { onlyNow = false }: { readonly onlyNow?: boolean } = {},
): readonly string[] {
  const [healthy, ...faults] = phases;
  if (healthy === undefined) return ['nothing was looked at'];
  return [
    ...phases.flatMap(({ name, outcomes }) => outcomes.flatMap((each) => wrongIn(name, each))),
    ...healthy.outcomes.filter(isEmpty).flatMap(emptyWithoutReason),
    ...faults.flatMap((fault) => unchangedIn(fault, healthy, onlyNow)),
    ...phases.flatMap(({ name, lint, remarks }) =>
      [...lint, ...remarks].map((line) => `${name}: ${line}`),
    ),
  ];
}

const placeOf = ({ dashboard, title, refId }: Outcome): string =>
  `${dashboard}, ${title}${refId === '' ? '' : ` (${refId})`}`;

function wrongIn(phase: string, outcome: Outcome): readonly string[] {
  const { error, shown, everywhere } = outcome;
  if (error !== undefined) return [`${phase}: ${placeOf(outcome)}: ${error}`];
  if (everywhere >= shown.length) return [];
  return [
    `${phase}: ${placeOf(outcome)}: ${shown.length} series of one region, ${everywhere} of all`,
  ];
}

const isEmpty = ({ from, shown, lines, error }: Outcome): boolean =>
  from !== 'annotation' && error === undefined && shown.length === 0 && lines === 0;

const isAt =
  (place: Pick<Change, 'title' | 'dashboard' | 'refId'>) =>
  ({ title, dashboard, refId }: Outcome): boolean =>
    place.title === title &&
    (place.dashboard ?? dashboard) === dashboard &&
    (place.refId ?? refId) === refId;

const isQuiet = (outcome: Outcome): boolean => QUIET.some((each) => isAt(each)(outcome));

const emptyWithoutReason = (outcome: Outcome): readonly string[] =>
  isQuiet(outcome) ? [] : [`${HEALTHY}: ${placeOf(outcome)}: no series while all is well`];

/** Which of the changes that a fault must make are not there. */
export function unchangedIn(fault: Phase, healthy: Phase, onlyNow = false): readonly string[] {
  const wanted = EXPECTED[fault.name] ?? [];
  if (wanted.length === 0) return [`${fault.name}: nobody said which panels must change`];
  return wanted
    .filter(({ fromHistory = false }) => !(onlyNow && fromHistory))
    .filter((change) => !isSeen(change, fault) || isSeen(change, healthy))
    .map(
      (change) =>
        `${fault.name}: ${change.title} must change to ${inWords(change)}; it shows ${seenIn(change, fault)}, and showed ${seenIn(change, healthy)}`,
    );
}

const inWords = ({ shows, labels = {} }: Change): string =>
  [
    shows === '*' ? 'anything' : shows,
    ...Object.entries(labels).map(([label, value]) => `${label}=${value}`),
  ].join(' ');

const ofPanel = (change: Change, { outcomes }: Phase): readonly Outcome[] =>
  outcomes.filter(isAt(change));

const hasLabels =
  ({ labels = {} }: Change) =>
  (shown: Shown): boolean =>
    Object.entries(labels).every(([label, value]) => shown.labels[label] === value);

function isSeen(change: Change, phase: Phase): boolean {
  const outcomes = ofPanel(change, phase);
  // An event is short: the time so far tells whether there was one.
  if (outcomes.some(({ from, lines }) => from === 'annotation' && lines > 0)) return true;
  const shown = outcomes.flatMap((each) => each.shown.filter(hasLabels(change)));
  return shown.some(({ text }) => change.shows === '*' || text === change.shows);
}

const seenIn = (change: Change, phase: Phase): string => {
  const outcomes = ofPanel(change, phase);
  if (outcomes.length === 0) return 'nothing: there is no such panel';
  return summary(outcomes.flatMap((each) => each.shown.filter(hasLabels(change))));
};

/** Queries that had no answer at any time, with the reason that is on record. */
const neverSeen = (phases: readonly Phase[]): readonly string[] => {
  const [first] = phases;
  return (first?.outcomes ?? [])
    .filter((one) =>
      phases.every(({ outcomes }) =>
        outcomes
          .filter((each) => keyOf(each) === keyOf(one))
          .every(({ shown }) => shown.length === 0),
      ),
    )
    .map(placeOf);
};

const MOST_WORDS = 3;

/** What a panel shows, short: each word with how often, or from where to where the numbers go. */
function summary(shown: readonly Shown[]): string {
  if (shown.length === 0) return 'nothing';
  const counts = new Map<string, number>();
  for (const { text } of shown) counts.set(text, (counts.get(text) ?? 0) + 1);
  if (counts.size <= MOST_WORDS)
    return [...counts]
      .map(([text, count]) => (count === 1 ? text : `${text} ×${count}`))
      .join(', ');
  const values = shown.map(({ value }) => value).filter((value) => !Number.isNaN(value));
  const short = (value: number): string => String(Number(value.toPrecision(3)));
  return `${short(Math.min(...values))} … ${short(Math.max(...values))}`;
}

const cell = ({ shown, error }: Outcome): string =>
  error === undefined ? `${shown.length}: ${summary(shown)}` : 'ERROR';

/** The rows of the table: dashboard, panel, and what it showed in each phase. */
const rowsOf = (phases: readonly Phase[]): readonly (readonly string[])[] => [
  ['dashboard', 'from', 'panel', 'query', ...phases.map(({ name }) => name)],
  ...(phases[0]?.outcomes ?? []).map((one) => [
    one.dashboard,
    one.from,
    one.title,
    one.refId,
    ...phases.map(({ outcomes }) => {
      const found = outcomes.find((each) => keyOf(each) === keyOf(one));
      return found === undefined ? '-' : cell(found);
    }),
  ]),
];

/** Fault by fault, what the service and Prometheus say stands. */
const alertRows = (phases: readonly Phase[]): readonly (readonly string[])[] => [
  ['fault', 'alert', 'said by', 'with the other'],
  ...phases.flatMap(({ name, alerts }) =>
    alerts.map(({ alert, by, otherwise = '' }) => [name, alert, by, otherwise]),
  ),
];

const WIDEST = 44;

const clipped = (text: string): string =>
  text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;

/** Rows in Markdown, the columns in line. */
function table(rows: readonly (readonly string[])[], most = clipped): string {
  const [head = [], ...body] = rows.map((row) =>
    row.map((each) => most(each.replaceAll('|', '/'))),
  );
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...body].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((each, column) => each.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** Everything, for people. */
export function report(phases: readonly Phase[]): string {
  const complaints = complaintsOf(phases);
  const never = neverSeen(phases);
  return [
    'Each cell: how many series, and what the panel shows of them.',
    '',
    table(rowsOf(phases)),
    '',
    'The alerts that stand, by the service and by Prometheus with the generated rules:',
    '',
    table(alertRows(phases), (text) => text),
    '',
    `Without an answer at any time: ${never.join('; ') || 'none'}`,
    '',
    ...(complaints.length === 0 ? ['As it should be.'] : ['NOT as it should be:', ...complaints]),
  ].join('\n');
}
