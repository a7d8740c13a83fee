import { doesNotApply, evidence, type Note } from '../../core/check.ts';
import { observe } from '../../core/metric.ts';
import type { Region } from '../../core/region.ts';
import { countPrimaries, type NodeView } from './compare.ts';
import { primaryDrift } from './notes.ts';

/**
 * What configuration management believes against what is. It is said only where exactly one node is the
 * primary: with none or with two, or with a node that could not be judged, nobody knows what to declare.
 */
export function describeDrift(
  { name, nodes, declaredPrimary }: Region,
  views: readonly NodeView[],
): readonly Note[] {
  const primary = views.find(({ is }) => is === 'primary')?.node.name;
  if (primary === undefined || countPrimaries(views) !== 1) return [];
  // Another one may have been declared before the configuration was read again.
  const others = nodes
    .filter((node) => node.name !== declaredPrimary)
    .map((node) => doesNotApply(primaryDrift, { node: node.name }));
  if (declaredPrimary === undefined) return others;
  const drifts = primary !== declaredPrimary;
  return [
    observe(primaryDrift, drifts, { node: declaredPrimary }),
    ...others,
    ...(drifts ? [evidence(name, sayDrift(declaredPrimary, primary))] : []),
  ];
}

const sayDrift = (declared: string, actual: string): string =>
  `the primary is ${actual}, and ${declared} is declared: in maasha.yaml (and in the configuration management that it follows) the line is to read \`declared_primary: ${actual}\``;
