import { ARCHITECTURES, type Proof } from './probe.ts';
import { STATUS, unconfigured, type Nodegroup } from './nodegroups.ts';
import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { gauge, observe } from '../../core/metric.ts';
import { printable } from '../../core/printable.ts';
import type { Cluster } from '../../core/region.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

/* Which clusters the region is connected to, as far as that can be proven, and what is bad about it. */

export const connected = gauge({
  name: 'maasha_cluster_connected',
  help: 'Whether the region just got an answer from the cluster controller over its RPC connection (1), or got none that it could get before or gets from others (0); absent while nothing proves either.',
  labels: ['cluster'],
});
export const connectedCount = gauge({
  name: 'maasha_clusters_connected',
  help: 'Configured cluster controllers whose RPC connection to the region is proven; only where that is known of each of them.',
  labels: [],
});
export const accepted = gauge({
  name: 'maasha_cluster_accepted',
  help: 'Whether the region lists the configured cluster controller as accepted (1), or as pending or rejected or not at all (0).',
  labels: ['cluster'],
});
export const unconfiguredCount = gauge({
  name: 'maasha_clusters_unconfigured',
  help: 'Cluster controllers that the region has accepted and that the configuration of the monitor does not name.',
  labels: [],
});

const byRegion = [
  { alert: 'MaasHaRegionRpcDown' },
  { alert: 'MaasHaRegionRpcNoEventLoops' },
  { alert: 'MaasHaRegionRpcLoopsUnknown' },
  { alert: 'MaasHaRegionStuckAfterFailover' },
  { alert: 'MaasHaFailover' },
  { alert: 'MaasHaFailoverIncomplete' },
];

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaClusterDisconnected',
    severity: 'warning',
    metric: connected,
    when: { equal: 0 },
    // After a failover: up to 60 s until loops are advertised, and 30 s until the cluster looks again.
    for: seconds(180),
    inhibitedBy: [
      { alert: 'MaasHaAllClustersDisconnected' },
      { alert: 'MaasHaClusterUnreachable', on: { cluster: 'cluster' } },
      ...byRegion,
    ],
    summary:
      'The region gets no answer from cluster controller {cluster}: its machines cannot be deployed or switched',
  },
  {
    name: 'MaasHaAllClustersDisconnected',
    severity: 'critical',
    metric: connectedCount,
    when: { equal: 0 },
    for: seconds(180),
    inhibitedBy: [{ alert: 'MaasHaAllClustersUnreachable' }, ...byRegion],
    summary:
      'The region gets no answer from any cluster controller: nothing can be deployed or switched',
  },
  {
    name: 'MaasHaClusterNotAccepted',
    severity: 'warning',
    metric: accepted,
    when: { equal: 0 },
    for: seconds(300),
    summary: 'The region does not work with cluster controller {cluster}: it has not accepted it',
  },
  {
    name: 'MaasHaClusterUnconfigured',
    severity: 'info',
    metric: unconfiguredCount,
    when: { above: 0 },
    for: seconds(600),
    summary: 'The region has {value} cluster controllers that the monitor is not told to watch',
  },
];

/** A configured cluster, as the region lists it, and the newest proof; absent where none was asked for. */
export interface ClusterLook {
  readonly cluster: Cluster;
  readonly nodegroup: Nodegroup | undefined;
  readonly proof?: Proof;
  /** It was proven with this architecture at some time before. */
  readonly known?: string | undefined;
  /** Questions in a row without an image, this one included. */
  readonly misses: number;
}

export function notesOnConnections(
  looks: readonly ClusterLook[],
  all: readonly Nodegroup[],
): readonly Note[] {
  const others = unconfigured(
    looks.map(({ cluster }) => cluster),
    all,
  );
  const anyProven = looks.some(({ proof }) => proof?.kind === 'proven');
  const values = looks.flatMap((look) => (isAccepted(look) ? [valueOf(look, anyProven)] : []));
  const isKnown = values.length > 0 && !values.includes(undefined);
  return [
    ...looks.flatMap((look) => notesOnCluster(look, anyProven)),
    ...(isKnown ? [observe(connectedCount, values.filter(Boolean).length, {})] : []),
    observe(unconfiguredCount, others.length, {}),
    ...others.map(({ cluster_name: name, uuid }) =>
      evidence(
        'region',
        `also has cluster "${printable(name, 60)}" (${printable(uuid, 40)}), which the configuration does not name`,
      ),
    ),
  ];
}

export const isAccepted = ({ nodegroup }: Pick<ClusterLook, 'nodegroup'>): boolean =>
  nodegroup?.status === STATUS.accepted;

/** True and false are known; undefined is neither. */
function valueOf({ proof, known, misses }: ClusterLook, anyProven: boolean): boolean | undefined {
  if (proof === undefined || proof.kind === 'unknown') return undefined;
  if (proof.kind === 'proven') return true;
  if (proof.kind === 'hangs' || known !== undefined) return false;
  // All clusters of a region hold the same images: what one has, another lacks only if something is wrong.
  return anyProven && misses >= ARCHITECTURES.length ? false : undefined;
}

function notesOnCluster(look: ClusterLook, anyProven: boolean): readonly Note[] {
  const { cluster, nodegroup, proof } = look;
  const labels = { cluster: cluster.name };
  if (!isAccepted(look))
    return [
      observe(accepted, 0, labels),
      evidence(cluster.name, strange(cluster, nodegroup)),
      // The region has no business with it: whether it is connected is not the question.
      doesNotApply(connected, labels),
    ];
  const value = valueOf(look, anyProven);
  return [
    observe(accepted, 1, labels),
    ...(value === undefined ? [] : [observe(connected, value, labels)]),
    ...(proof === undefined ? [] : [said(look, proof, value)]),
  ];
}

function strange({ name, uuid }: Cluster, nodegroup: Nodegroup | undefined): string {
  if (nodegroup === undefined)
    return uuid === undefined
      ? `the region lists no cluster of the name ${name}; configure its uuid if it has another name there`
      : `the region lists no cluster with the uuid ${uuid}`;
  return nodegroup.status === STATUS.pending
    ? 'the region lists it as pending: somebody has to accept it'
    : 'the region lists it as rejected or disabled';
}

function said(
  { cluster: { name: cluster }, known }: ClusterLook,
  proof: Proof,
  value: boolean | undefined,
): Note {
  switch (proof.kind) {
    case 'proven':
      return evidence(
        cluster,
        `is connected: the region asked it for its images and got one (${proof.arch}, ${proof.label})`,
      );
    case 'hangs':
      return evidence(cluster, `the region waits for its answer in vain: ${proof.says}`);
    case 'unknown':
      return gap(cluster, new CheckFailure(proof.code, proof.says));
    case 'no_image':
      return value === undefined
        ? gap(cluster, new CheckFailure('dependency', `unproven: ${AMBIGUOUS}`))
        : evidence(
            cluster,
            `gave the region no image of ${known ?? 'any architecture'}: ${AMBIGUOUS}`,
          );
  }
}

const AMBIGUOUS =
  'it is not connected, or it has no such image; the region does not say which of the two';
