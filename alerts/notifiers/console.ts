import { z } from 'zod';
import { printable } from '../../src/core/printable.ts';
import type { Channel, Notifier } from '../notifier.ts';
import { begins, ends, type Notice } from '../notice.ts';
import { explainedLine, headline, remarksOf, whatHappened } from '../render/words.ts';

/* For a person who watches a terminal, and for a first try without any other channel. */

const settings = z.strictObject({}, 'an empty section: {}');

type Settings = z.output<typeof settings>;

const notifier: Notifier<Settings> = {
  name: 'console',
  about: 'Prints every notice on the terminal.',
  edits: true,
  settings,
  reaches: () => [],
  open: (_, { print }): Channel => ({
    is: 'channel',
    send: ({ notice }) => {
      for (const line of linesOf(notice)) print(line);
      return Promise.resolve({ printed: true });
    },
    test: () => Promise.resolve('prints on the terminal of this process'),
    close: () => Promise.resolve(),
  }),
};

export default notifier;

/** Long enough for what a person reads, short enough for a terminal that a peer's text must not flood. */
const WIDEST = 600;
/** Of the first step: its title, and the commands that a person would copy. */
const STEP_LINES = 5;

/** How it stands, and what happened; below what begins an episode also what to look at and to do first. */
function linesOf(notice: Notice): readonly string[] {
  const { kind } = notice;
  // The headline of a recovery says all of it.
  const said = begins(notice) ? notice.summary : kind === 'close' ? '' : whatHappened(notice);
  const first = [headline(notice), said].filter((part) => part !== '').join(' – ');
  const details = [
    ...remarksOf(notice),
    ...(ends(notice) ? [] : [explainedLine(notice)]),
    ...(begins(notice) ? guidance(notice) : []),
  ];
  return [
    printable(first, WIDEST),
    ...details.filter((line) => line !== '').map((line) => `    ${printable(line, WIDEST)}`),
  ];
}

function guidance({ evidence, rule, runbook }: Notice): readonly string[] {
  const [step] = runbook?.steps ?? [];
  return [
    `evidence: ${evidence[0] ?? 'none'}`,
    ...(step === undefined ? [] : stepLines(step)),
    `runbook: ${runbook?.url ?? `maasha runbook ${rule}`}`,
  ];
}

/** A step is a title, with its number, and commands below it. */
function stepLines(step: string): readonly string[] {
  const [title = '', ...commands] = step.split('\n').slice(0, STEP_LINES);
  return [
    `first: ${title.replace(/^(1\.|Step 1:) /, '')}`,
    ...commands.map((command) => `    ${command}`),
  ];
}
