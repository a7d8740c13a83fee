import type { Node } from '../../core/region.ts';

const short = (name: string): string => name.toLowerCase().split('.')[0] ?? '';

/** The node of this name, or the only one whose first label it has; case does not count (RFC 4343). */
export function nodeNamed(nodes: readonly Node[], text: string): string | undefined {
  const same = nodes.find(({ name }) => name.toLowerCase() === text.toLowerCase());
  const alike = nodes.filter(({ name }) => short(name) === short(text));
  return (same ?? (alike.length === 1 ? alike[0] : undefined))?.name;
}
