import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure, type FailureCode } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import { printable } from '../../core/printable.ts';
import type { Node, Region } from '../../core/region.ts';
import { formatDuration, type Seconds } from '../../core/time.ts';
import { corrected, type Line } from './lines.ts';
import { declaredKnown, declaredTwice, driftSeconds, primaryDrift } from './metrics.ts';
import { ownDeclared, type Declared } from './source.ts';

/** These say something about the monitor, not about what is declared. */
const OWN: readonly FailureCode[] = ['dependency', 'cancelled', 'internal'];

const quoted = (text: string): string => `\`${printable(text.trim(), 160)}\``;

const place = ({ number, text }: Line): string => `line ${number} reads ${quoted(text)}`;

/** What is read and means no node: that is a finding, and with nobody declared nobody drifts. */
export function describeUnknown(
  { nodes }: Region,
  { where, found }: Declared,
  primary: Node | undefined,
): readonly Note[] {
  const wanted =
    primary === undefined
      ? `the name or address of ${nodes.map(({ name }) => name).join(' or ')}`
      : `${primary.name}, which is the primary`;
  const unclear = (says: string): readonly Note[] => [
    observe(declaredKnown, 0, {}),
    evidence(where, `${says}; expected ${wanted}`),
    doesNotApply(primaryDrift, {}),
    doesNotApply(driftSeconds, {}),
    doesNotApply(declaredTwice, {}),
  ];
  switch (found.is) {
    case 'node':
      return [];
    case 'missing':
      return unclear('does not exist');
    case 'nobody':
      return unclear('declares nobody: no line matches');
    case 'stranger':
      return unclear(`declares somebody who is no node: ${found.lines.map(place).join(', ')}`);
    case 'several':
      return unclear(`contradicts itself: ${found.lines.map(place).join(', ')}`);
    case 'unreadable':
      return [
        gap(where, found.why),
        ...(OWN.includes(found.why.code) ? [] : [observe(declaredKnown, 0, {})]),
      ];
  }
}

/**
 * It is known who is declared; and the copy in the monitor's configuration against the original. Which of the
 * two is right, the primary says.
 */
export function describeKnown(
  region: Region,
  declared: Node,
  primary: Node | undefined,
): readonly Note[] {
  const copy = ownDeclared(region);
  const known = observe(declaredKnown, 1, {});
  if (copy === undefined || region.declaredIn === undefined)
    return [known, doesNotApply(declaredTwice, {})];
  const differs = copy !== declared;
  const isRight = copy === primary ? ', and is the primary' : '';
  const says = `\`declared_primary: ${copy.name}\` is not what configuration management declares (${declared.name})${isRight}; it is not used`;
  return [
    known,
    observe(declaredTwice, differs, {}),
    ...(differs ? [evidence('maasha.yaml', says)] : []),
  ];
}

/** Why nothing can be held against what is declared. */
export const describeNoPrimary = (primaries: number): Note =>
  gap(
    'primary',
    new CheckFailure(
      'dependency',
      primaries === 0
        ? 'no node is a primary: there is none to declare'
        : `${primaries} nodes are primaries: which one to declare is not known`,
    ),
  );

interface Comparison {
  readonly declared: Node;
  readonly primary: Node;
  /** How long the two are not one; absent while they are. */
  readonly drifting: Seconds | undefined;
}

/** What is declared against what is. */
export function describeDrift(
  { nodes }: Region,
  { where, found }: Declared,
  { declared, primary, drifting }: Comparison,
): readonly Note[] {
  // Another one may have been declared before.
  const others = nodes
    .filter(({ name }) => name !== declared.name)
    .flatMap(({ name: node }) => [
      doesNotApply(primaryDrift, { node }),
      doesNotApply(driftSeconds, { node }),
    ]);
  const lines = found.is === 'node' ? found.lines : [];
  const node = declared.name;
  const told =
    drifting === undefined
      ? [evidence(where, `declares ${node} to be the primary, which it is${at(lines)}`)]
      : [
          evidence(where, edit(lines, declared, primary)),
          evidence(node, urgency(drifting, primary)),
        ];
  return [
    observe(primaryDrift, drifting !== undefined, { node }),
    observe(driftSeconds, drifting ?? 0, { node }),
    ...others,
    ...told,
  ];
}

const at = (lines: readonly Line[]): string =>
  lines.length === 0 ? '' : ` (line ${lines.map(({ number }) => number).join(', ')})`;

/** Which line is to be edited, what stands there, and what is to stand there. */
function edit(lines: readonly Line[], declared: Node, primary: Node): string {
  const is = `${declared.name} is declared to be the primary, and ${primary.name} is`;
  const [first] = lines;
  if (first === undefined)
    return `${is}: here, and in the configuration management that it follows, the line is to read \`declared_primary: ${primary.name}\``;
  return `${is}: ${lines
    .map((line) => `${place(line)} and is to read ${quoted(corrected(line, declared, primary))}`)
    .join('; ')}`;
}

/** The monitor sees neither the agent nor its plan, and says so. */
const urgency = (drifting: Seconds, primary: Node): string =>
  `is declared and not the primary ${drifting === 0 ? 'as of this look' : `for ${formatDuration(drifting)}`}: edit it before configuration management runs (when that is, cannot be seen from here; Puppet’s agent runs every 30 minutes unless told otherwise), for that run may set up ${primary.name} as a standby`;
