import { printable } from '../../src/core/printable.ts';
import {
  nameOf,
  factLines,
  headline,
  originLine,
  remarksOf,
  stateWord,
  whatHappened,
  type Fact,
} from './words.ts';
import { ends, type Notice, type Shown } from '../notice.ts';

/*
 * What a mail says, before it is laid out as text and as HTML: the same, in the same order. Every text
 * here is one line without invisible characters, and bounded; it is not escaped.
 */

/** How urgent the state looks. Each has a glyph and a word besides its colour. */
export type Tone = 'critical' | 'warning' | 'info' | 'owned' | 'unsure' | 'good';

export interface State {
  readonly tone: Tone;
  readonly glyph: string;
  /** In capitals: `CRITICAL FIRING`. */
  readonly words: string;
}

/** Lines under a heading. `verbatim` lines are commands and what belongs to them: not to be changed. */
export interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
  readonly verbatim: boolean;
}

export interface Content {
  readonly state: State;
  readonly title: string;
  /** Stands alone: state, alert, region, time. */
  readonly headline: string;
  /** What is wrong, what has just happened, and what has to be said besides. */
  readonly sentences: readonly string[];
  readonly facts: readonly Fact[];
  readonly sections: readonly Section[];
  readonly links: readonly Fact[];
  readonly origin: string;
}

const GLYPHS: Readonly<Record<Tone, string>> = {
  critical: '✖',
  warning: '▲',
  info: '●',
  owned: '◆',
  unsure: '?',
  good: '✔',
};

const TONES: Readonly<Partial<Record<Shown, Tone>>> = {
  resolved: 'good',
  acknowledged: 'owned',
  stale: 'unsure',
  explained: 'unsure',
  silenced: 'unsure',
  retired: 'unsure',
};

const toneOf = ({ kind, standing, severity }: Notice): Tone =>
  kind === 'test' ? 'info' : (TONES[standing] ?? severity);

function stateOf(notice: Notice): State {
  const tone = toneOf(notice);
  const word = stateWord(notice);
  const words = notice.kind === 'test' ? word : `${notice.severity.toUpperCase()} ${word}`;
  return { tone, glyph: GLYPHS[tone], words };
}

const line = (text: string, most = 500): string =>
  printable(text.replaceAll('\t', '  ').trim(), most);
const filled = (texts: readonly string[]): readonly string[] => texts.filter((text) => text !== '');

/** The first so many, and how many more there are. */
const first = (texts: readonly string[], most: number): readonly string[] =>
  texts.length <= most ? texts : [...texts.slice(0, most), `and ${texts.length - most} more`];

const EXPLAINED = 8;
const EVIDENCE = 12;
const STEPS = 5;
const STEP_LINES = 30;

/** A step as it stands in the runbook, line by line. */
const stepLines = (step: string): readonly string[] =>
  first(
    step
      .replace(/\s+$/, '')
      .split(/\r?\n/)
      .map((each) => printable(each.replaceAll('\t', '  ').trimEnd(), 500)),
    STEP_LINES,
  );

function sectionsOf({ explains, evidence, runbook, rule }: Notice): readonly Section[] {
  const steps = runbook?.steps ?? [];
  const whole = runbook?.text === undefined ? '' : '; the whole runbook is attached';
  return [
    {
      heading: `This explains ${explains.length} more:`,
      lines: first(
        explains.map((each) => line(`${nameOf(each)}: ${each.summary}`, 300)),
        EXPLAINED,
      ),
      verbatim: false,
    },
    {
      heading: 'What was seen:',
      lines: first(filled(evidence.map((each) => line(each, 300))), EVIDENCE),
      verbatim: false,
    },
    {
      heading: line(`First steps of ${rule}${whole}:`),
      lines: first(steps, STEPS).flatMap((step, index) => [
        ...(index === 0 ? [] : ['']),
        ...stepLines(step),
      ]),
      verbatim: true,
    },
  ].filter(({ lines }) => lines.length > 0);
}

/** Only what a browser opens as a page; anything else is no link. */
function linkTo(name: string, url: string | undefined): readonly Fact[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { protocol, username, password, href } = new URL(url);
  const isPage = (protocol === 'http:' || protocol === 'https:') && username + password === '';
  return isPage && href.length <= 2000 ? [[name, line(href, 2000)]] : [];
}

/** What is wrong comes first, unless it is over: then nobody shall read it as if it were not. */
function sentencesOf(notice: Notice): readonly string[] {
  const { summary } = notice;
  const first = ends(notice)
    ? [whatHappened(notice), summary === '' ? '' : `It was: ${summary}`]
    : [summary, whatHappened(notice)];
  return filled([...first, ...remarksOf(notice)].map((each) => line(each, 1000)));
}

/** All that a mail about this says. `monitor` is who tells it. */
export const contentOf = (notice: Notice, monitor: string): Content => ({
  state: stateOf(notice),
  title: line(
    notice.kind === 'test'
      ? 'Test of the alert channel'
      : `${nameOf(notice)} – region ${notice.region}`,
    200,
  ),
  headline: line(headline(notice), 300),
  sentences: sentencesOf(notice),
  facts:
    notice.kind === 'test'
      ? []
      : factLines(notice).map(([name, value]) => [line(name), line(value)]),
  sections: sectionsOf(notice),
  links: [...linkTo('Runbook', notice.runbook?.url), ...linkTo('Dashboard', notice.dashboard)],
  origin: line(`${originLine(notice, monitor)}; ${notice.episode.id}`),
});
