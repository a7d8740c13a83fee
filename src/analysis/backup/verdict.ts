import { isUuid } from './content.ts';
import type { Identity } from './known.ts';
import type { ContentState } from './metrics.ts';
import { printable } from '../../core/printable.ts';
import type { Cluster, Region } from '../../core/region.ts';

/* Whose identity it is that a backup holds. */

export interface Verdict {
  readonly state: ContentState;
  /** After `holds `. */
  readonly says: string;
}

const short = (host: string): string => host.toLowerCase().split('.')[0] ?? '';

const isNamed = ({ name }: Cluster, identity: Identity): boolean =>
  name.toLowerCase() === identity.name.toLowerCase() || short(name) === short(identity.name);

/**
 * Compares the one identity of a backup with that of its cluster: the configured UUID, else the one that the
 * region has under the cluster's name.
 *
 * @param known what the region itself lists; undefined where nothing that is configured tells.
 */
export function judgeIdentity(
  cluster: Cluster,
  id: string,
  { clusters, generation }: Pick<Region, 'clusters' | 'generation'>,
  known: readonly Identity[] | undefined,
): Verdict {
  const other = clusters.find((each) => each.name !== cluster.name && uuidOf(each) === id);
  if (other !== undefined)
    return { state: 'other_cluster', says: `${id}, which is the UUID of ${other.name}` };
  // From MAAS 2.0 on the region knows racks by another identity than the UUID of their configuration.
  const comparable = generation === 1 || !isUuid(id) ? known : undefined;
  const own = isUuid(id) ? uuidOf(cluster) : undefined;
  return own === undefined
    ? byName(cluster, id, comparable)
    : byUuid(cluster, { id, own }, comparable);
}

const uuidOf = ({ uuid }: Cluster): string | undefined => uuid?.toLowerCase();

function byUuid(
  { name }: Cluster,
  { id, own }: { readonly id: string; readonly own: string },
  known: readonly Identity[] | undefined,
): Verdict {
  const listed = known?.find((each) => each.id === id);
  if (id === own)
    return known === undefined || listed !== undefined
      ? { state: 'own', says: `the UUID of ${name} (${id})` }
      : { state: 'not_known', says: `${id}, as configured, which the region does not list` };
  if (listed !== undefined) return ofOther(id, listed);
  return { state: 'not_known', says: `${id}, and ${name} has ${own}` };
}

function byName(cluster: Cluster, id: string, known: readonly Identity[] | undefined): Verdict {
  if (known === undefined) return { state: 'unproven', says: `${id}: ${UNCOMPARED}` };
  const listed = known.find((each) => each.id === id);
  const own = known.find((each) => isNamed(cluster, each));
  if (listed === undefined)
    return { state: 'not_known', says: `${id}, which the region does not list` };
  if (isNamed(cluster, listed))
    return { state: 'own', says: `the identity of ${cluster.name} (${id})` };
  if (own !== undefined) return ofOther(id, listed);
  const called = printable(listed.name, 60);
  return {
    state: 'unproven',
    says: `${id}, which the region lists as "${called}": write it as \`uuid\` of ${cluster.name} if that is the same`,
  };
}

const UNCOMPARED = 'nothing says which one the cluster has (configure its `uuid`)';

const ofOther = (id: string, { name }: Identity): Verdict => ({
  state: 'other_cluster',
  says: `${id}, which the region lists as "${printable(name, 60)}"`,
});
