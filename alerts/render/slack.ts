import { formatDuration } from '../../src/core/time.ts';
import { ends, type Notice } from '../notice.ts';
import {
  BUDGET,
  button,
  colourOf,
  glyphOf,
  linkTo,
  markup,
  section,
  type Block,
  type Message,
} from './slack-blocks.ts';
import { begin, codeBlock, inert, instruction, mentionOf, plain, when } from './slack-text.ts';
import {
  explainedLine,
  factLines,
  headline,
  lasted,
  nameOf,
  originLine,
  remarksOf,
  stateWord,
  whatHappened,
  type Fact,
} from './words.ts';

/* A notice as Slack's messages: the root that is edited in place, and the replies in its thread. */

/** What was said of an episode when it began, which no later edit may take away. */
export interface Said {
  readonly summary: string;
  readonly evidence: readonly string[];
  readonly holders: readonly string[];
  /** What it explained, as a line. */
  readonly explained: string;
}

export interface Setting {
  /** The monitor's own name. */
  readonly monitor: string;
  /** Whom to call, where somebody must be called: `here`, `channel`, a user's or a group's id. */
  readonly mention?: string | undefined;
  /** What was said first, for what has ended. */
  readonly said?: Said | undefined;
  /** Something of the channel's own to say in this message. */
  readonly note?: string | undefined;
}

/** Somebody must look now: the begin of a critical, and whatever nobody took. */
const calls = ({ kind, severity, collapsed = false }: Notice): boolean =>
  !collapsed && (kind === 'escalate' || (kind === 'open' && severity === 'critical'));

/** Of a thread's replies those that the whole channel must see. */
export const isBroadcast = (notice: Notice): boolean =>
  notice.kind === 'open' ||
  notice.kind === 'escalate' ||
  (notice.kind === 'close' && notice.severity === 'critical');

export const saidOf = ({ summary, evidence, holders, explains }: Notice): Said => ({
  summary: begin(summary, BUDGET.summary),
  evidence: evidence
    .slice(0, BUDGET.evidence.lines)
    .map((line) => begin(line, BUDGET.evidence.width)),
  holders: holders.slice(0, BUDGET.evidence.lines).map((line) => begin(line, BUDGET.fact)),
  explained: begin(explainedLine({ explains }), BUDGET.context),
});

/** The message that stands for an episode: the whole of its present state, edited in place later. */
export function rootMessage(notice: Notice, setting: Setting): Message {
  const over = ends(notice) || notice.collapsed === true;
  const said = over ? setting.said : undefined;
  const shown = said === undefined ? notice : asBefore(notice, said);
  return {
    text: inert(headline(notice), BUDGET.text),
    blocks: [
      header(notice, over),
      meaning(shown, setting, over),
      facts(shown),
      ...evidence(shown, over),
      ...(over ? [] : steps(notice)),
    ],
    // Below the steps, because clients fold long attachments away.
    attachments: [
      {
        color: colourOf(notice),
        blocks: [context(notice, setting.monitor, said), ...actions(notice)],
      },
    ],
  };
}

/** The facts as they were, and who holds what now if that is another. */
function asBefore(notice: Notice, { summary, evidence, holders }: Said): Notice {
  const then = holders.join('; ');
  const now = notice.holders.join('; ');
  const changed = then !== '' && now !== '' && then !== now;
  const first = then === '' ? notice.holders : holders;
  return {
    ...notice,
    summary,
    evidence,
    holders: changed ? [`then ${then}`, `now ${now}`] : first,
  };
}

function header(notice: Notice, over: boolean): Block {
  const rest = over ? `after ${formatDuration(lasted(notice))}` : nameOf(notice);
  const text = `${glyphOf(notice)} ${stateWord(notice)} · ${plain(rest, BUDGET.header - 20)}`;
  return { type: 'header', text: { type: 'plain_text', text, emoji: false } };
}

// A header cannot be struck: the title of what is over stands below it.
const meaning = (notice: Notice, { mention, note = '' }: Setting, over: boolean): Block =>
  section(
    calls(notice) && mention !== undefined ? mentionOf(mention) : '',
    over ? `~${inert(nameOf(notice), BUDGET.name)}~` : '',
    inert(notice.summary, BUDGET.summary),
    ...[note, ...remarksOf(notice)]
      .filter((remark) => remark !== '')
      .slice(0, 3)
      .map((remark) => `› ${inert(remark, BUDGET.remark)}`),
  );

const facts = (notice: Notice): Block => ({
  type: 'section',
  fields: factLines(notice).map(([name, value]: Fact) =>
    markup(`*${name}*\n${name === 'When' ? since(notice) : inert(value, BUDGET.fact)}`),
  ),
});

function since(notice: Notice): string {
  const { startsAt, endsAt } = notice.episode;
  const duration = formatDuration(lasted(notice));
  if (endsAt === undefined) return `${when(startsAt)}\nfor ${duration}`;
  return `${when(startsAt)}\nuntil ${when(endsAt)}\nafter ${duration}`;
}

function evidence(notice: Notice, over: boolean): readonly Block[] {
  if (notice.evidence.length === 0) return [];
  const { lines, width, whole } = BUDGET.evidence;
  return [
    section(
      over ? '*Evidence when it began*' : '*Evidence*',
      codeBlock(notice.evidence.slice(0, lines), width, whole),
    ),
  ];
}

function steps({ runbook }: Notice): readonly Block[] {
  const first = (runbook?.steps ?? []).slice(0, BUDGET.steps.count);
  if (first.length === 0) return [];
  return [
    section(
      '*First steps*',
      ...first.map(
        (step, index) => `${numbered(step, index)}${instruction(step, BUDGET.steps.each)}`,
      ),
    ),
  ];
}

/** A step that does not say which one it is gets a number. */
const numbered = (step: string, index: number): string =>
  /^Step \d/.test(step) ? '' : `${index + 1}. `;

function context(notice: Notice, monitor: string, said: Said | undefined): Block {
  const explained = explainedLine(notice);
  const lines = [
    explained === '' ? (said?.explained ?? '') : explained,
    originLine(notice, monitor),
    linkTo(notice.runbook?.url) === undefined ? `runbook: maasha runbook ${notice.rule}` : '',
  ];
  return {
    type: 'context',
    elements: lines
      .filter((line) => line !== '')
      .map((line) => markup(inert(line, BUDGET.context))),
  };
}

function actions({ runbook, dashboard }: Notice): readonly Block[] {
  const elements = [button('Runbook', runbook?.url), button('Dashboard', dashboard)].flat();
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

/** A reply in the episode's thread: one or two lines, because an edit of the root notifies nobody. */
export function replyMessage(notice: Notice, { mention, note = '' }: Setting): Message {
  const called = calls(notice) && mention !== undefined ? `${mentionOf(mention)} ` : '';
  const news = inert(whatHappened(notice), BUDGET.name);
  const about = ends(notice)
    ? `${nameOf(notice)} – region ${notice.region}`
    : notice.kind === 'acknowledge'
      ? ''
      : notice.summary;
  const more = [about, note, ...remarksOf(notice)].filter((part) => part !== '').join(' › ');
  return {
    text: inert(`${headline(notice)}. ${whatHappened(notice)}`, BUDGET.text),
    blocks: [
      section(
        `${called}${glyphOf(notice)} *${stateWord(notice)}* ${news}`,
        more === '' ? '' : inert(more, BUDGET.summary),
      ),
    ],
    attachments: [],
  };
}

/** A person tries the channel. */
export function testMessage(notice: Notice, { monitor }: Setting): Message {
  const line = `This is a test of the alert channel by ${monitor}, region ${notice.region}: nothing is wrong.`;
  const text = inert([line, ...remarksOf(notice)].join(' '), BUDGET.text);
  return { text, blocks: [section(`🧪 *TEST* ${text}`)], attachments: [] };
}

/** The same as one plain text, for when Slack refuses the blocks. */
export function plainText(notice: Notice, { mention, note = '' }: Setting): string {
  const called = calls(notice) && mention !== undefined ? `${mentionOf(mention)} ` : '';
  const url = linkTo(notice.runbook?.url);
  const runbook = url ?? `maasha runbook ${notice.rule}`;
  const lines = [headline(notice), whatHappened(notice), notice.summary, note].concat(
    remarksOf(notice),
    `Runbook: ${runbook}`,
  );
  const room = Math.floor(BUDGET.plain / lines.length) - called.length - 1;
  const shown = lines.filter((line) => line !== '').map((line) => inert(line, room));
  return `${called}${shown.join('\n')}`;
}
