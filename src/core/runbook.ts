import { parseSteps, uncode, type Step } from './runbook-steps.ts';

/** The sections of prose, in the order in which a person needs them at 3 a.m. */
export const SECTIONS = [
  'In one line',
  'Is it real?',
  'Do not',
  'Impact now',
  'Likely causes',
  'Decide',
  'Steps',
  'Recovered when',
  'Afterwards',
  'Escalate',
  'Background',
] as const;
export type Section = (typeof SECTIONS)[number];

/** Sections that a runbook may do without. */
const OPTIONAL: readonly Section[] = ['Decide'];

/** One runbook. Texts are Markdown and may hold placeholders such as `{vip}`: see runbook-facts.ts. */
export interface Runbook {
  readonly alert: string;
  /** How long it takes somebody who knows the region. */
  readonly minutes: number;
  /** What the operator must be able to do before she begins. */
  readonly access: string;
  /** Faults of the lab at which this repair was measured, or `no`. */
  readonly measured: string;
  readonly prose: Readonly<Partial<Record<Section, string>>>;
  /** The one command that shows that the alert is wrong. */
  readonly disprove: { readonly host: string; readonly run: string; readonly wrong: string };
  readonly steps: readonly Step[];
}

/** A runbook, or all that is wrong with its text. */
export type Parsed =
  | { readonly runbook: Runbook; readonly problems: readonly [] }
  | { readonly runbook?: never; readonly problems: readonly string[] };

/**
 * Reads a runbook: `# Alert`, a list of `minutes`, `access` and `measured`, then the sections, each
 * under `## Name` and in order. `Is it real?` is a list of `host`, `run` and `wrong`; `Steps` holds
 * `### Step N: title` with a list of fields each. Never throws, and reports every problem at once.
 */
export function parseRunbook(text: string): Parsed {
  const problems: string[] = [];
  const [top = '', ...rest] = text.replaceAll('\r\n', '\n').split(/^## /m);
  const head = headOf(top, problems);
  const { 'Is it real?': real = '', Steps, ...prose } = sections(rest, problems);
  const { host, run, wrong } = fields(real, ['host', 'run', 'wrong'], 'Is it real?', problems);
  const command = uncode(run);
  if (command === '') problems.push('Is it real?: run is not one command in backticks');
  const { steps, problems: wrongSteps } = parseSteps(Steps ?? '');
  problems.push(...wrongSteps);
  return problems.length > 0
    ? { problems }
    : { runbook: { ...head, prose, disprove: { host, run: command, wrong }, steps }, problems: [] };
}

function headOf(text: string, problems: string[]) {
  const alert = /^# (MaasHa\w+)$/m.exec(text)?.[1] ?? '';
  if (alert === '') problems.push('the first line is no "# MaasHa…"');
  const about = fields(text, ['minutes', 'access', 'measured'], 'the head', problems);
  const minutes = Number(about.minutes);
  if (!Number.isInteger(minutes) || minutes < 1) problems.push('minutes is no whole number');
  return { alert, minutes, access: about.access, measured: about.measured };
}

/** The sections by name; problems are those that miss, are strange, empty, or out of order. */
function sections(parts: readonly string[], problems: string[]): Partial<Record<Section, string>> {
  const found: Partial<Record<Section, string>> = {};
  let last = -1;
  for (const part of parts) {
    const [title = '', ...body] = part.split('\n');
    const place = SECTIONS.findIndex((name) => name === title.trim());
    const name = SECTIONS[place];
    if (name === undefined) problems.push(`section "${title.trim()}" is not known`);
    else if (place <= last) problems.push(`section "${name}" stands twice, or too late`);
    else {
      found[name] = body.join('\n').trim();
      last = place;
    }
  }
  for (const name of SECTIONS)
    if (found[name] === undefined ? !OPTIONAL.includes(name) : found[name] === '')
      problems.push(`section "${name}" is missing or empty`);
  return found;
}

/** The items `- name: value` of a list, exactly those that are wanted and each once; '' for what is missing. */
function fields<const Name extends string>(
  text: string,
  wanted: readonly Name[],
  where: string,
  problems: string[],
): Readonly<Record<Name, string>> {
  const found = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/^- ([a-z]+): (.+)$/gm)) {
    if (!wanted.some((each) => each === name) || found.has(name))
      problems.push(`${where}: "${name}" is not known here, or stands twice`);
    found.set(name, value.trim());
  }
  for (const name of wanted) if (!found.has(name)) problems.push(`${where}: "${name}" is missing`);
  return Object.fromEntries(wanted.map((name) => [name, found.get(name) ?? ''])) as Record<
    Name,
    string
  >;
}
