import { printable } from './printable.ts';
import { factOf, type Fact, type Situation } from './runbook-facts.ts';
import { SECTIONS, type Runbook } from './runbook.ts';
import type { Step } from './runbook-steps.ts';

const PLACEHOLDER = /\{([a-z][a-z_.]*)\}/g;

/** The placeholders in a text, each once. */
export const placeholdersIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name)),
];

/** A runbook as Markdown, placeholders as they are: the inverse of `parseRunbook`. */
export const formatRunbook = (runbook: Runbook): string =>
  lay(runbook, { fill: (text) => text, toLines: (lines) => lines });

/**
 * A runbook for one site at one moment. A fact that is not known stays visible as `⟨name⟩`; commands
 * that would need it, or a host that is not known, are withheld: the text says what is missing and
 * how to find it, and so never names a node by guessing.
 */
export function renderRunbook(runbook: Runbook, situation: Situation): string {
  const text = lay(runbook, handFor(situation));
  return text.includes('\n- withheld: ')
    ? text.replace(
        '\n\n',
        `\n\n> Some commands are withheld, because a fact that they need is not known. Find it out as the text says, then: \`maasha runbook ${runbook.alert} --region ${printable(situation.region.name)} --set NAME=VALUE\`\n\n`,
      )
    : text;
}

/** The hand that writes for one site at one moment. */
function handFor(situation: Situation): Hand {
  const fact = (name: string): Fact =>
    factOf(name, situation) ?? { missing: 'no such placeholder exists' };
  const fill = (text: string): string =>
    text.replaceAll(PLACEHOLDER, (_, name: string) => {
      const found = fact(name);
      return 'is' in found ? printable(found.is) : `⟨${name}⟩`;
    });
  const toLines = (lines: readonly string[]): readonly string[] => {
    const missing = [...notHere(lines, situation), ...missingIn(lines, fact)];
    return [
      ...lines.map((line) =>
        fill(missing.length === 0 ? line : line.replace(/^- run: /, '- withheld: ')).replace(
          /^- host: .*/,
          () => fill(onHosts(line, situation)),
        ),
      ),
      ...missing,
    ];
  };
  return { fill, toLines };
}

/**
 * The first steps, each as the text that the runbook has for it. A command that needs what is not known
 * is withheld here too.
 */
export function firstSteps({ steps }: Runbook, situation: Situation, most = 2): readonly string[] {
  const { fill, toLines } = handFor(situation);
  return steps
    .slice(0, most)
    .map((step, index) =>
      [`Step ${index + 1}: ${fill(step.title)}`, ...toLines(stepLines(step))].join('\n'),
    );
}

/** Commands about something that the region does not have, whatever facts are known. */
const notHere = (lines: readonly string[], { region }: Situation): readonly string[] =>
  region.pgpool === undefined && lines.some((line) => OF_PGPOOL.test(line))
    ? ['- missing: this region has no pgpool: leave this step out']
    : [];

/** What the monitor's own commands are called like does not count. */
const OF_PGPOOL = /^- run: `(?!maasha ).*(\bpcp_|\bpgpool|\bSHOW pool_)/;

/** What the host or the commands among these lines need and nobody knows, each once. */
function missingIn(lines: readonly string[], fact: (name: string) => Fact): readonly string[] {
  const needed = placeholdersIn(lines.filter((line) => /^- (host|run): /.test(line)).join(' '));
  const names = new Set(
    needed.map((name) => {
      const place = name.replace('.address', '');
      return 'missing' in fact(place) ? place : name;
    }),
  );
  return [...names].flatMap((name) => {
    const found = fact(name);
    return 'missing' in found ? [`- missing: ${name} is not known: ${found.missing}`] : [];
  });
}

interface Hand {
  readonly fill: (text: string) => string;
  /** Treats the lines of something that is to be run. */
  readonly toLines: (lines: readonly string[]) => readonly string[];
}

/** Puts a runbook together. */
function lay({ prose, disprove, steps, ...head }: Runbook, { fill, toLines }: Hand): string {
  const body = SECTIONS.flatMap((name) => {
    if (name === 'Is it real?') return [`## ${name}`, toLines(disproveLines(disprove)).join('\n')];
    if (name === 'Steps')
      return [
        `## ${name}`,
        ...steps.flatMap((step, index) => [
          `### Step ${index + 1}: ${fill(step.title)}`,
          toLines(stepLines(step)).join('\n'),
        ]),
      ];
    const text = prose[name];
    return text === undefined ? [] : [`## ${name}`, fill(text)];
  });
  const about = [
    `- minutes: ${head.minutes}`,
    `- access: ${fill(head.access)}`,
    `- measured: ${head.measured}`,
  ];
  return `${[`# ${head.alert}`, about.join('\n'), ...body].join('\n\n')}\n`;
}

const disproveLines = ({ host, run, wrong }: Runbook['disprove']): readonly string[] => [
  `- host: ${host}`,
  `- run: \`${run}\``,
  `- wrong: ${wrong}`,
];

const item = (name: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [`- ${name}: ${value}`];

const stepLines = (step: Step): readonly string[] => [
  ...item('host', step.host),
  ...item('risk', step.risk),
  ...item('when', step.when),
  ...step.run.map((command) => `- run: \`${command}\``),
  ...item('expect', step.expect),
  ...item('verify', step.verify),
  ...item('abort', step.abort),
  ...item('undo', step.undo),
];

/** Hosts with the address to reach them at, because names may not resolve while their DNS is down. */
function onHosts(line: string, { region }: Situation): string {
  if (line === '- host: monitor') return '- host: monitor (where maasha runs)';
  const all = region.nodes.map(({ name, address }) => `${name} (\`ssh ${address}\`)`);
  return line.replaceAll(PLACEHOLDER, (whole, name: string) =>
    name === 'nodes' ? all.join(', then ') : `${whole} (\`ssh {${name}.address}\`)`,
  );
}
