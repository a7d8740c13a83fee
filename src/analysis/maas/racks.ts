import type { z } from 'zod';
import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { gauge, observe } from '../../core/metric.ts';
import type { Region } from '../../core/region.ts';
import type { Seconds } from '../../core/time.ts';
import { byController, UNCONFIGURED } from './controllers.ts';
import { anyFresh, isFresh } from './freshness.ts';
import { nobodySays, tooOld } from './generation2.ts';
import type { liveProcesses, rackConnections } from './questions.ts';

/*
 * Which racks the region holds RPC connections to. A connection's own age says nothing, because MAAS does not
 * refresh it: it counts while the process that it ends at lives.
 */

export const connected = gauge({
  name: 'maasha_rack_connected',
  help: 'Whether the rack has an RPC connection to at least one living process of the region, as the database shows it (1) or to none (0).',
  labels: ['rack'],
});
export const missing = gauge({
  name: 'maasha_rack_connections_missing',
  help: 'Living processes of the region that a connected rack has no RPC connection to; 0 is right, absent for a rack that has none at all.',
  labels: ['rack'],
});
export const count = gauge({
  name: 'maasha_racks_connected',
  help: 'Racks that have an RPC connection to at least one living process of the region.',
  labels: [],
});

type Pair = z.output<typeof rackConnections.shape>;
type Process = z.output<typeof liveProcesses.shape>;

interface Rack {
  readonly hostname: string;
  readonly connections: number;
}

/** Counts for each rack the living processes that it is connected to. */
function racksOf(pairs: readonly Pair[], live: ReadonlySet<string>): readonly Rack[] {
  const racks = new Map<string, { hostname: string; ends: Set<string> }>();
  for (const { hostname, system_id: id, process } of pairs) {
    const rack = racks.get(id) ?? { hostname, ends: new Set<string>() };
    if (process !== null && live.has(process)) rack.ends.add(process);
    racks.set(id, rack);
  }
  return [...racks.values()].map(({ hostname, ends }) => ({ hostname, connections: ends.size }));
}

export function rackNotes(
  region: Region,
  pairs: readonly Pair[],
  processes: readonly Process[],
  lag: Seconds,
): readonly Note[] {
  const judged = processes.map(({ id, age }) => ({ id, fresh: isFresh(age, lag) }));
  const alive = anyFresh(
    processes.map(({ age }) => age),
    lag,
  );
  if (alive === undefined || judged.some(({ fresh }) => fresh === undefined))
    return [gap('racks', tooOld(lag))];
  if (!alive) return [nobodySays('racks')];
  const live = new Set(judged.filter(({ fresh }) => fresh).map(({ id }) => id));
  const racks = racksOf(pairs, live);
  const up = racks.filter(({ connections }) => connections > 0).length;
  const by = byController(region, racks);
  return [
    ...(racks.length === 0
      ? [doesNotApply(count, {}), evidence('racks', 'MAAS knows no rack')]
      : [observe(count, up, {}), evidence('racks', `${up} of ${racks.length} are connected`)]),
    ...[...region.nodes, ...region.clusters, { name: UNCONFIGURED }].flatMap(({ name: rack }) =>
      oneName(rack, by.get(rack), live.size),
    ),
    ...region.clusters.flatMap(({ name }) =>
      by.has(name) ? [] : [evidence(name, 'MAAS knows no rack of this host name')],
    ),
  ];
}

/** All racks of one name; those that are not configured share one, and are as good as the worst of them. */
function oneName(
  rack: string,
  own: readonly Rack[] | undefined,
  processes: number,
): readonly Note[] {
  if (own === undefined)
    return [doesNotApply(connected, { rack }), doesNotApply(missing, { rack })];
  const lacking = own.map(({ connections }) => processes - connections);
  const all = own.every(({ connections }) => connections > 0);
  return [
    observe(connected, all, { rack }),
    all ? observe(missing, Math.max(...lacking), { rack }) : doesNotApply(missing, { rack }),
    ...own.map(({ hostname, connections }) =>
      evidence(
        hostname,
        connections === 0
          ? 'has no connection to the region'
          : `is connected to ${connections} of ${processes} region processes`,
      ),
    ),
  ];
}
