import { z } from 'zod';
import { addressed } from '../region/rpc-info.ts';
import { CheckFailure } from '../../core/failure.ts';
import type { HttpReply, Limit } from '../../core/ports/network.ts';
import type { Ports } from '../../core/ports/ports.ts';
import { printable } from '../../core/printable.ts';
import type { Cluster, Region } from '../../core/region.ts';

/*
 * The clusters as MAAS 1.x lists them to everybody (`nodegroups/?op=list`), and how they and the
 * configured ones belong together.
 */

/** MAAS's own numbers; 2 is `rejected` up to 1.7 and `disabled` in 1.9. */
export const STATUS = { pending: 0, accepted: 1, rejected: 2 } as const;

const LIST = z
  .array(
    z.object({
      uuid: z.string().max(64),
      status: z.int(),
      name: z.string().max(300),
      cluster_name: z.string().max(300),
    }),
  )
  .max(512);

/** `name` is its DNS zone, `cluster_name` what the interface of MAAS shows. */
export type Nodegroup = z.infer<typeof LIST>[number];

/** @throws CheckFailure when the region does not say. */
export async function listNodegroups(
  { http }: Pick<Ports, 'http'>,
  region: Region,
  limit: Limit,
): Promise<readonly Nodegroup[]> {
  const { url, tls } = addressed(region, 'api/1.0/nodegroups/?op=list');
  const reply = await http.get(url, { ...limit, tls });
  const list = LIST.safeParse(jsonOf(reply));
  if (list.success) return list.data;
  throw new CheckFailure('protocol', `the list of clusters: ${shown(reply)}`);
}

/** The body of a good answer as JSON; undefined where it is none. */
export function jsonOf({ status, body }: HttpReply): unknown {
  try {
    return status === 200 ? JSON.parse(body) : undefined;
  } catch {
    return undefined;
  }
}

/** An answer that is of no use, in a few words. */
export const shown = ({ status, body }: HttpReply): string =>
  `the region answers ${status}, "${printable(body.trim().split('\n')[0] ?? '', 60)}"`;

/** The one that a configured cluster is: by its UUID where that is configured, else by the name shown in MAAS. */
export const nodegroupOf = (
  { uuid, name }: Cluster,
  all: readonly Nodegroup[],
): Nodegroup | undefined =>
  uuid === undefined
    ? all.find((each) => each.cluster_name === name)
    : all.find((each) => each.uuid.toLowerCase() === uuid.toLowerCase());

/** Clusters that MAAS works with and the configuration does not name. */
export const unconfigured = (
  clusters: readonly Cluster[],
  all: readonly Nodegroup[],
): readonly Nodegroup[] => {
  const known = new Set(clusters.map((cluster) => nodegroupOf(cluster, all)?.uuid));
  return all.filter(({ uuid, status }) => status === STATUS.accepted && !known.has(uuid));
};
