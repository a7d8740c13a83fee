import {
  ask,
  learn,
  parseMemory,
  type Asked,
  type Context,
  type Learnt,
} from '../src/analysis/clusters/asked.ts';
import * as metrics from '../src/analysis/clusters/connections.ts';
import {
  listNodegroups,
  nodegroupOf,
  type Nodegroup,
} from '../src/analysis/clusters/nodegroups.ts';
import type { Proof } from '../src/analysis/clusters/probe.ts';
import { defineCheck, gap, remember, skip, type Note } from '../src/core/check.ts';
import { CheckFailure, toFailure } from '../src/core/failure.ts';
import type { Cluster, Region } from '../src/core/region.ts';
import { instant, seconds, type Instant } from '../src/core/time.ts';

/** Why nothing can be looked at in such a region. */
const absence = ({ generation, clusters }: Region): string | undefined => {
  if (generation !== 1)
    return 'MAAS 2.0 and later prove nothing to strangers; its database tells who is connected';
  return clusters.length === 0 ? 'no `clusters:` are configured' : undefined;
};

export default defineCheck({
  name: 'cluster-connections',
  about:
    'Proves which cluster controllers of MAAS 1.7 to 1.9 are connected: makes the region ask each of them for its images. Each question that fails leaves a line in the log of the region.',
  every: '1m',
  timeout: seconds(50),
  metrics: [metrics.connected, metrics.connectedCount, metrics.accepted, metrics.unconfiguredCount],
  rules: metrics.rules,
  absence,
  run: async (region, given) => {
    const reason = absence(region);
    if (reason !== undefined) return [skip('clusters', 'config', reason)];
    const memory = parseMemory(given.memory);
    try {
      return await lookAtConnections(region, { ...given, memory });
    } catch (error) {
      return [gap('clusters', toFailure(error)), remember(memory)];
    }
  },
});

const LIST = { timeout: seconds(5) };
/** Seconds after which nothing new is asked: what takes longer must not cost what is known already. */
const ASKING = 30;

async function lookAtConnections(region: Region, context: Context): Promise<readonly Note[]> {
  const until = instant(context.clock.steady() + ASKING * 1000);
  const all = await listNodegroups(context.io, region, LIST);
  const learnt = await learn(region, context);
  const looks: Look[] = [];
  // One after the other: while a cluster hangs, each question holds a thread of the region for 30 s.
  for (const cluster of region.clusters)
    looks.push(await lookAt(region, context, { cluster, all, learnt, until }));
  const kept = looks.flatMap(({ look: { cluster }, asked }) => {
    const keep = asked ?? context.memory.clusters[cluster.name];
    return keep === undefined ? [] : [[cluster.name, keep] as const];
  });
  return [
    ...metrics.notesOnConnections(
      looks.map(({ look }) => look),
      all,
    ),
    ...notesOnVersion(learnt),
    remember({
      ...(learnt instanceof CheckFailure ? {} : { provable: learnt }),
      clusters: Object.fromEntries(kept),
    }),
  ];
}

interface Look {
  readonly look: metrics.ClusterLook;
  readonly asked?: Asked;
}

interface Given {
  readonly cluster: Cluster;
  readonly all: readonly Nodegroup[];
  readonly learnt: Learnt;
  /** By the steady clock. */
  readonly until: Instant;
}

async function lookAt(
  region: Region,
  context: Context,
  { cluster, all, learnt, until }: Given,
): Promise<Look> {
  const nodegroup = nodegroupOf(cluster, all);
  const look = { cluster, nodegroup, misses: 0 };
  const isProvable = !(learnt instanceof CheckFailure) && learnt.is;
  if (nodegroup === undefined || !isProvable || !metrics.isAccepted(look)) return { look };
  if (context.clock.steady() >= until) return { look: { ...look, proof: NO_TIME } };
  const asked = await ask(region, context, cluster, nodegroup);
  return { look: { ...look, ...asked }, asked };
}

const NO_TIME: Proof = {
  kind: 'unknown',
  code: 'timeout',
  says: 'not asked: the questions about the others took too long',
};

/** Of a version that proves nothing, and of one that is not known, it is said so. */
function notesOnVersion(learnt: Learnt): readonly Note[] {
  if (learnt instanceof CheckFailure) return [gap('connections', learnt)];
  return learnt.is ? [] : [skip('connections', 'version', UNPROVABLE)];
}

const UNPROVABLE =
  'MAAS 1.5 and 1.6 answer from a table: who is connected cannot be proven in this version';
