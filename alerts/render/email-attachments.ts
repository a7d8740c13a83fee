import { printable } from '../../src/core/printable.ts';
import { isoTime } from '../../src/core/time.ts';
import type { Notice } from '../notice.ts';

export interface Attachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: string;
}

/** The most that one attachment may hold, in octets of UTF-8. */
const LARGEST = 64 * 1024;
const UTF8 = new TextEncoder();
const octets = (text: string): number => UTF8.encode(text).length;

/** As many whole lines as fit. */
function cut(text: string, note: string): string {
  if (octets(text) <= LARGEST) return text;
  const kept: string[] = [];
  let room = LARGEST - octets(note);
  for (const line of text.split('\n')) {
    room -= octets(line) + 1;
    if (room < 0) break;
    kept.push(line);
  }
  return [...kept, note].join('\n');
}

/** The rendered runbook as plain text, which every telephone opens. */
function runbookOf({ runbook, rule }: Notice): readonly Attachment[] {
  if (runbook?.text === undefined || runbook.text === '') return [];
  const name = rule.replaceAll(/[^A-Za-z0-9_-]/g, '').slice(0, 80);
  const lines = runbook.text
    .split(/\r?\n/)
    .map((line) => printable(line.replaceAll('\t', '  '), 4000));
  return [
    {
      filename: `${name}.txt`,
      contentType: 'text/plain; charset=utf-8',
      content: cut(lines.join('\n'), `[cut: the whole is printed by maasha runbook ${name}]`),
    },
  ];
}

/** Instants as people and programs read them. */
const dated = ({ at, episode, runbook, ...rest }: Notice) => ({
  ...rest,
  at: isoTime(at),
  episode: {
    id: episode.id,
    startsAt: isoTime(episode.startsAt),
    ...(episode.endsAt !== undefined && { endsAt: isoTime(episode.endsAt) }),
  },
  ...(runbook?.url !== undefined && { runbook: runbook.url }),
});

type Facts = ReturnType<typeof dated>;

const short = (text: string): string => printable(text, 200);

/** The same with no more than `most` of each list, and long texts cut. */
const lessened = (facts: Facts, most: number): unknown => ({
  ...facts,
  reason: short(facts.reason),
  region: short(facts.region),
  rule: short(facts.rule),
  summary: short(facts.summary),
  labels: Object.fromEntries(
    Object.entries(facts.labels)
      .slice(0, most)
      .map(([label, value]) => [short(label), short(value)]),
  ),
  explains: facts.explains
    .slice(0, most)
    .map(({ rule, summary }) => ({ rule: short(rule), summary: short(summary) })),
  evidence: facts.evidence.slice(0, most).map(short),
  holders: facts.holders.slice(0, most).map(short),
  remark: short(facts.remark ?? ''),
  dashboard: short(facts.dashboard ?? ''),
  cut: true,
});

function factsOf(notice: Notice): Attachment {
  const facts = dated(notice);
  const candidates = [facts, lessened(facts, 50), lessened(facts, 10)];
  const content =
    candidates
      .map((each) => `${JSON.stringify(each, undefined, 2)}\n`)
      .find((text) => octets(text) <= LARGEST) ?? '{}\n';
  return { filename: 'facts.json', contentType: 'application/json', content };
}

/** What a mail carries so that it is enough when nothing else can be reached; each part at most 64 KiB. */
export const attachmentsOf = (notice: Notice): readonly Attachment[] => [
  ...runbookOf(notice),
  ...(notice.kind === 'test' ? [] : [factsOf(notice)]),
];
