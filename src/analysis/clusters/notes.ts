import { judged, type Answer } from '../reach/answer.ts';
import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import {
  nodeOf,
  UNCONFIGURED,
  type AdvertisedLoop,
  type Handshake,
  type Shaken,
} from './event-loops.ts';
import { CheckFailure } from '../../core/failure.ts';
import { gauge, observe } from '../../core/metric.ts';
import type { Endpoint } from '../../core/ports/network.ts';
import { printable } from '../../core/printable.ts';
import type { Cluster, Region } from '../../core/region.ts';

/*
 * What is said about the region's RPC and about its clusters: the metrics, and how what was seen becomes
 * samples and sentences.
 */

export const httpSuccess = gauge({
  name: 'maasha_region_rpc_http_success',
  help: "Whether the region's /MAAS/rpc/ at its URL answered the monitor with 200 and JSON (1).",
  labels: [],
});
export const httpTime = gauge({
  name: 'maasha_region_rpc_http_seconds',
  help: "Time that the region's /MAAS/rpc/ took to answer the monitor, whatever it answered.",
  labels: [],
});
export const eventLoops = gauge({
  name: 'maasha_region_rpc_event_loops',
  help: 'Event loops that the region advertises to its clusters; not how many clusters are connected.',
  labels: [],
});
export const handshake = gauge({
  name: 'maasha_region_rpc_handshake_success',
  help: 'Whether every advertised event loop of the node greeted the monitor and answered it (1).',
  labels: ['node'],
});
export const handshakeTime = gauge({
  name: 'maasha_region_rpc_handshake_seconds',
  help: "Time of the slowest handshake with the node's event loops, from connecting to the answer.",
  labels: ['node'],
});
export const secretValid = gauge({
  name: 'maasha_region_rpc_secret_valid',
  help: "Whether every event loop of the node proved that it holds the region's configured secret (1).",
  labels: ['node'],
});
export const reachable = gauge({
  name: 'maasha_cluster_reachable',
  help: "Whether the cluster controller's host answers the monitor by ICMP or TCP (1).",
  labels: ['cluster'],
});
export const reachableCount = gauge({
  name: 'maasha_clusters_reachable',
  help: 'Configured cluster controllers whose hosts answer the monitor by ICMP or TCP.',
  labels: [],
});

/** A loop, and the newest handshake with it; absent where it is advertised nowhere that we may go. */
export interface LoopLook {
  readonly loop: AdvertisedLoop;
  readonly shaken?: Shaken;
}

export function notesOnLoops(region: Region, looks: readonly LoopLook[]): readonly Note[] {
  // A node is as good as the worst of its loops, because clusters connect to every one of them.
  const byNode = new Map<string, Handshake[]>();
  for (const { loop, shaken } of looks) {
    if (shaken === undefined) continue;
    const node = nodeOf(region, loop);
    byNode.set(node, [...(byNode.get(node) ?? []), shaken.outcome]);
  }
  return [
    ...looks.map(({ loop, shaken }) =>
      evidence(
        printable(loop.name, 80),
        shaken === undefined ? NOWHERE : describe(shaken.endpoint, shaken.outcome),
      ),
    ),
    ...[...byNode].flatMap(([node, outcomes]) => notesOnNode(node, outcomes)),
    ...absences(
      region,
      looks.map(({ loop }) => nodeOf(region, loop)),
    ),
  ];
}

/** Where no loop is advertised any more none can be silent; without a secret, none can hold another. */
const absences = (region: Region, advertising: readonly string[]): readonly Note[] => [
  ...[...region.nodes.map(({ name }) => name), UNCONFIGURED]
    .filter((node) => !advertising.includes(node))
    .flatMap((node) => [handshake, secretValid].map((metric) => doesNotApply(metric, { node }))),
  ...(region.rpc.secret === undefined ? [doesNotApply(secretValid, {})] : []),
];

const NOWHERE =
  'is advertised only at addresses that are neither the VIP nor a configured node: not greeted';

function describe({ host, port }: Endpoint, outcome: Handshake): string {
  const where = `is advertised at ${host}:${port}`;
  if (outcome.kind === 'failed') return `${where} and does not answer: ${outcome.says}`;
  if (outcome.kind === 'unknown') return `${where}; it could not be asked: ${outcome.says}`;
  const { asked, secretValid: valid, says } = outcome;
  const version = asked === 'Identify' ? '1.x' : '2.0 or later';
  const proof =
    valid === undefined ? (says ?? 'answers') : valid ? 'holds the secret' : 'holds another secret';
  return `${where}, greets like MAAS ${version}, ${proof}`;
}

function notesOnNode(node: string, outcomes: readonly Handshake[]): readonly Note[] {
  const answered = outcomes.filter((outcome) => outcome.kind === 'answered');
  const failed = outcomes.filter((outcome) => outcome.kind === 'failed');
  const secrets = answered.flatMap(({ secretValid: valid }) =>
    valid === undefined ? [] : [valid],
  );
  return [
    ...(answered.length + failed.length === 0
      ? []
      : [observe(handshake, failed.length === 0, { node })]),
    ...(answered.length === 0
      ? []
      : [observe(handshakeTime, Math.max(...answered.map((each) => each.seconds)), { node })]),
    ...(secrets.length === 0 ? [] : [observe(secretValid, secrets.every(Boolean), { node })]),
    ...outcomes
      .filter((outcome) => outcome.kind === 'unknown')
      .map(({ code, says }) => gap(node, new CheckFailure(code, says))),
  ];
}

export function notesOnClusters(
  clusters: readonly Cluster[],
  answers: readonly Answer[],
): readonly Note[] {
  const present = answers.filter((answer) => answer === 'answered').length;
  const settled = answers.every((answer) => !(answer instanceof CheckFailure));
  return [
    ...clusters.flatMap(({ name: cluster }, index) => {
      const answer = answers[index] ?? 'silent';
      return [
        ...judged(cluster, answer, (up) => observe(reachable, up, { cluster })),
        ...(answer === 'silent' ? [evidence(cluster, 'answers neither ICMP nor TCP')] : []),
      ];
    }),
    ...(clusters.length > 0 && (present > 0 || settled)
      ? [observe(reachableCount, present, {})]
      : []),
    ...(clusters.length === 0 ? [doesNotApply(reachableCount, {})] : []),
  ];
}
