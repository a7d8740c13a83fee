import type { CheckFailure } from '../../core/failure.ts';
import { toFailure } from '../../core/failure.ts';
import { describeSource, type FactsPort } from '../../core/ports/facts.ts';
import type { Node, Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import { readDeclaration, type Declaration } from './lines.ts';

const READ = { timeout: seconds(3), maxBytes: 262_144 };

/** What is declared, and where that stands. */
export interface Declared {
  /** In words: `the file /etc/…`. */
  readonly where: string;
  readonly found:
    | Declaration
    | { readonly is: 'missing' }
    | { readonly is: 'unreadable'; readonly why: CheckFailure };
}

const OURS = 'maasha.yaml';

/** The node that `declared_primary` names. */
export const ownDeclared = ({ nodes, declaredPrimary }: Region): Node | undefined =>
  nodes.find(({ name }) => name === declaredPrimary);

/**
 * Reads who is declared: what configuration management itself says goes before `declared_primary`, which is
 * only a copy of it. With neither it is missing. Never rejects.
 */
export async function declaredOf(region: Region, facts: FactsPort): Promise<Declared> {
  const { declaredIn, nodes } = region;
  const mine = ownDeclared(region);
  if (declaredIn === undefined)
    return { where: OURS, found: mine ? { is: 'node', node: mine, lines: [] } : { is: 'missing' } };
  const where = describeSource(declaredIn.source);
  try {
    const fact = await facts.read(declaredIn.source, region.name, READ);
    const found = fact && readDeclaration(fact.text, declaredIn.pattern, nodes);
    return { where, found: found ?? { is: 'missing' } };
  } catch (thrown) {
    return { where, found: { is: 'unreadable', why: toFailure(thrown) } };
  }
}
