/** What a command can cost: `none` only looks, `low` is undone in one move, `high` can lose service or data. */
export const RISKS = ['none', 'low', 'high'] as const;
export type Risk = (typeof RISKS)[number];

/** One thing to do, on one host (or on several, one after the other). */
export interface Step {
  readonly title: string;
  /** `monitor`, or placeholders that stand for nodes. */
  readonly host: string;
  readonly risk: Risk;
  /** Only to be done if this holds; absent = always. */
  readonly when?: string;
  /** Commands for a shell on that host, in this order. */
  readonly run: readonly string[];
  /** What the commands show when all goes well. */
  readonly expect: string;
  /** How to see that it took effect; begins with a command where a command can tell. */
  readonly verify?: string;
  /** When to stop here. */
  readonly abort?: string;
  readonly undo?: string;
}

const FIELDS = ['host', 'risk', 'when', 'run', 'expect', 'verify', 'abort', 'undo'];

/**
 * The steps under `### Step N: title`, numbered from 1 without a gap. A step must say host, risk,
 * run (may stand several times) and expect; one that can do harm (risk `high`) also how to verify it
 * and when to abort, and one that changes anything how to undo it.
 */
export function parseSteps(text: string): {
  readonly steps: readonly Step[];
  readonly problems: readonly string[];
} {
  const [before = '', ...parts] = text.split(/^### /m);
  const problems: string[] = [];
  if (before.trim() !== '') problems.push('Steps: text stands outside of the steps');
  if (parts.length === 0) problems.push('Steps: there is none');
  const steps = parts.map((part, index) => {
    const [heading = '', ...lines] = part.split('\n');
    const where = `Step ${index + 1}`;
    const title = new RegExp(`^${where}: (.+)$`).exec(heading.trim())?.[1];
    if (title === undefined) problems.push(`found "${heading}", expected "${where}: …"`);
    const found = itemsOf(lines, where, problems);
    problems.push(...lacks(found).map((problem) => `${where}: ${problem}`));
    return stepOf(title ?? '', found);
  });
  return { steps, problems };
}

type Items = ReadonlyMap<string, readonly string[]>;

function itemsOf(lines: readonly string[], where: string, problems: string[]): Items {
  const found = new Map<string, string[]>();
  for (const line of lines.filter((each) => each.trim() !== '')) {
    const [, name = '', value = ''] = /^- ([a-z]+): (.+)$/.exec(line) ?? [];
    if (!FIELDS.includes(name)) problems.push(`${where}: "${line}" is no field of a step`);
    else found.set(name, [...(found.get(name) ?? []), value.trim()]);
  }
  return found;
}

const isRisk = (text: string | undefined): text is Risk => RISKS.some((risk) => risk === text);

function lacks(found: Items): readonly string[] {
  const risk = found.get('risk')?.[0];
  const wanted = [
    ...['host', 'risk', 'run', 'expect'],
    ...(risk === 'none' ? [] : ['undo']),
    ...(risk === 'high' ? ['verify', 'abort'] : []),
  ];
  return [
    ...wanted.filter((name) => !found.has(name)).map((name) => `"${name}" is missing`),
    ...[...found]
      .filter(([name, values]) => name !== 'run' && values.length > 1)
      .map(([name]) => `"${name}" stands twice`),
    ...(isRisk(risk) ? [] : [`the risk is none of ${RISKS.join(', ')}`]),
    ...(found.get('run') ?? [])
      .filter((command) => uncode(command) === '')
      .map((command) => `${command} is not one command in backticks`),
  ];
}

function stepOf(title: string, found: Items): Step {
  const risk = found.get('risk')?.[0];
  const optional = (['when', 'verify', 'abort', 'undo'] as const).flatMap((name) => {
    const value = found.get(name)?.[0];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    title,
    host: found.get('host')?.[0] ?? '',
    risk: isRisk(risk) ? risk : 'high',
    run: (found.get('run') ?? []).map(uncode),
    expect: found.get('expect')?.[0] ?? '',
    ...Object.fromEntries(optional),
  };
}

/** A command without the backticks around it; text that is not wholly one code span comes to nothing. */
export const uncode = (text: string): string => /^`([^`]+)`$/.exec(text)?.[1] ?? '';
