import type { z } from 'zod';
import { evidence, type Note } from '../../core/check.ts';
import { observe } from '../../core/metric.ts';
import type { Region } from '../../core/region.ts';
import { formatDuration, seconds } from '../../core/time.ts';
import { UNCONFIGURED } from './controllers.ts';
import { FRESH } from './freshness.ts';
import * as metrics from './metrics.ts';
import type { eventLoops, foreignServers } from './questions.ts';

/* What the tables of MAAS 1.5 to 1.9 say. They do not know which clusters are connected. */

type Loop = z.output<typeof eventLoops.shape>;
type Foreign = z.output<typeof foreignServers.shape>;

/** The table that the region makes when it first starts, and refreshes every 60 s. */
export function loopNotes(rows: readonly Loop[]): readonly Note[] {
  const loops = new Map<string, number>();
  for (const { name, age } of rows) loops.set(name, Math.min(age, loops.get(name) ?? age));
  const fresh = [...loops.values()].filter((age) => age <= FRESH).length;
  return [
    observe(metrics.attached, fresh > 0, {}),
    observe(metrics.eventLoops, loops.size, { rows: 'listed' }),
    observe(metrics.eventLoops, fresh, { rows: 'fresh' }),
    ...[...loops].map(([name, age]) =>
      evidence(name, `refreshed its row in the database ${formatDuration(seconds(age))} ago`),
    ),
    ...(loops.size === 0 ? [evidence('event loops', EMPTY)] : []),
  ];
}

const EMPTY =
  'the table is empty: so it is after a failover (it is not WAL-logged) until the region refreshes it, within 60 s';

/** No region application has ever started on this database. */
export const neverStarted = (): readonly Note[] => [
  observe(metrics.attached, false, {}),
  observe(metrics.eventLoops, 0, { rows: 'listed' }),
  observe(metrics.eventLoops, 0, { rows: 'fresh' }),
  evidence(
    'event loops',
    'there is no table eventloops: no region application ever started on this database',
  ),
];

export function foreignNotes(
  { clusters }: Pick<Region, 'clusters'>,
  rows: readonly Foreign[],
): readonly Note[] {
  const found = rows.map((row) => ({ row, cluster: clusterOf(clusters, row) }));
  return [
    ...[...clusters.map(({ name }) => name), UNCONFIGURED].map((cluster) =>
      observe(metrics.foreignDhcp, found.filter((each) => each.cluster === cluster).length, {
        cluster,
      }),
    ),
    ...found.map(({ row }) =>
      evidence(
        row.cluster_name,
        `MAAS saw a foreign DHCP server, ${row.foreign_ip}, on its interface ${row.interface} (${row.ip})`,
      ),
    ),
  ];
}

/** By its UUID, which is the surest, else by one of its names or its address. */
function clusterOf(clusters: Region['clusters'], row: Foreign): string {
  const names = [row.cluster_name, row.zone].map((name) => name.toLowerCase());
  const found =
    clusters.find(({ uuid }) => uuid?.toLowerCase() === row.uuid.toLowerCase()) ??
    clusters.find(({ address }) => address === row.ip) ??
    clusters.find(({ name }) => names.includes(name.toLowerCase()));
  return found?.name ?? UNCONFIGURED;
}
