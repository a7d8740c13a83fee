import type { FactSource } from '../../core/ports/facts.ts';
import type { Region } from '../../core/region.ts';

/** A fact that the configuration of a region asks others to push, and the check that reads it. */
export interface Wanted {
  readonly name: string;
  readonly check: string;
}

/** Everything in a region that is read from what is pushed. */
export const wantedFacts = ({ declaredIn, fencing, clusters }: Region): readonly Wanted[] => [
  ...pushed('declared-primary', declaredIn?.source),
  ...Object.values(fencing?.reports ?? {}).flatMap((source) => pushed('fencing', source)),
  ...clusters.flatMap(({ backup }) => pushed('cluster-backup', backup?.source)),
];

const pushed = (check: string, source: FactSource | undefined): readonly Wanted[] =>
  source?.from === 'pushed' ? [{ name: source.name, check }] : [];
