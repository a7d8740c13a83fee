import { judged, type Answer } from '../reach/answer.ts';
import type { AdvertisedLoop } from '../region/rpc-info.ts';
import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { leftOverFor, nodeOf, UNCONFIGURED, type Handshake, type Shaken } from './event-loops.ts';
import * as metrics from './rules.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import { printable } from '../../core/printable.ts';
import type { Cluster, Region } from '../../core/region.ts';
import { between, formatDuration, type Instant } from '../../core/time.ts';

/* How what was seen of the region's RPC and of its clusters becomes samples and sentences. */

/** A loop, and the newest handshake with it; absent where it is advertised nowhere that we may go. */
export interface LoopLook {
  readonly loop: AdvertisedLoop;
  readonly shaken?: Shaken;
}

/** When this is, by the steady clock, and whether no other look follows. */
export interface Now {
  readonly steady: Instant;
  readonly once: boolean;
}

interface OfNode {
  readonly node: string;
  readonly shakes: readonly Shaken[];
}

export function notesOnLoops(
  region: Region,
  looks: readonly LoopLook[],
  now: Now,
): readonly Note[] {
  const owned = looks.map((look) => ({ ...look, node: nodeOf(region, look.loop) }));
  const nodes = [...region.nodes.map(({ name }) => name), UNCONFIGURED].map((node): OfNode => {
    const own = owned.filter((look) => look.node === node);
    return { node, shakes: own.flatMap(({ shaken }) => shaken ?? []) };
  });
  const anyAnswers = looks.some(({ shaken }) => shaken?.outcome.kind === 'answered');
  const usable = looks.filter(({ loop }) => loop.endpoints.length > 0);
  return [
    observe(metrics.eventLoops, usable.length, {}),
    ...region.nodes.map(({ name: node }) =>
      observe(metrics.nodeLoops, owned.filter((look) => look.node === node).length, { node }),
    ),
    ...looks.map((look) => evidence(printable(look.loop.name, 80), describe(look, now))),
    ...nodes.flatMap((each) => [...notesOnNode(each, anyAnswers), ...staleness(region, each, now)]),
    ...absences(
      region,
      owned.map(({ node }) => node),
    ),
  ];
}

/** Where no loop is advertised any more none can be silent; without a secret, none can hold another. */
const absences = (region: Region, advertising: readonly string[]): readonly Note[] => [
  ...[...region.nodes.map(({ name }) => name), UNCONFIGURED]
    .filter((node) => !advertising.includes(node))
    .flatMap((node) =>
      [metrics.handshake, metrics.secretValid, metrics.loopStale].map((metric) =>
        doesNotApply(metric, { node }),
      ),
    ),
  ...(region.rpc.secret === undefined ? [doesNotApply(metrics.secretValid, {})] : []),
];

const NOWHERE =
  'is advertised only at addresses that are neither the VIP nor a configured node: not greeted';
/** MAAS from 2.3 on (regionservice.py): such an address disappears from the answer for both of them. */
const WITHOUT_ADDRESS =
  'is advertised without any address: MAAS leaves out those that two regions advertise, such as a virtual address that both recorded';

function describe({ loop, shaken }: LoopLook, { steady, once }: Now): string {
  if (shaken === undefined) return loop.endpoints.length === 0 ? WITHOUT_ADDRESS : NOWHERE;
  const { endpoint, outcome, goneSince = steady } = shaken;
  const where = `is advertised at ${endpoint.host}:${endpoint.port}`;
  switch (outcome.kind) {
    case 'gone': {
      const since = once
        ? 'one look cannot tell since when'
        : `for ${formatDuration(between(goneSince, steady))} now`;
      return `${where}, and nobody is there, ${since}: ${outcome.says}`;
    }
    case 'failed':
      return `${where} and does not answer: ${outcome.says}`;
    case 'unknown':
      return `${where}; it could not be asked: ${outcome.says}`;
    case 'answered':
      return `${where}, greets like MAAS ${outcome.asked === 'Identify' ? '1.x' : '2.0 or later'}, ${proof(outcome)}`;
  }
}

const proof = ({ secretValid, says }: Handshake & { readonly kind: 'answered' }): string =>
  secretValid === undefined
    ? (says ?? 'answers')
    : secretValid
      ? 'holds the secret'
      : 'holds another secret';

/** A node is as good as the worst of its loops, because clusters connect to every one of them. */
function notesOnNode({ node, shakes }: OfNode, anyAnswers: boolean): readonly Note[] {
  const outcomes = shakes.map(({ outcome }) => outcome);
  const answered = outcomes.filter((outcome) => outcome.kind === 'answered');
  // A loop that has ended may be listed for minutes; while another one answers, clusters use that.
  const failed = outcomes.filter(
    ({ kind }) => kind === 'failed' || (kind === 'gone' && !anyAnswers),
  );
  const secrets = answered.flatMap(({ secretValid: valid }) =>
    valid === undefined ? [] : [valid],
  );
  return [
    ...(answered.length + failed.length === 0
      ? []
      : [observe(metrics.handshake, failed.length === 0, { node })]),
    ...(answered.length === 0
      ? []
      : [
          observe(metrics.handshakeTime, Math.max(...answered.map((each) => each.seconds)), {
            node,
          }),
        ]),
    ...(secrets.length === 0
      ? []
      : [observe(metrics.secretValid, secrets.every(Boolean), { node })]),
    ...outcomes
      .filter((outcome) => outcome.kind === 'unknown')
      .map(({ code, says }) => gap(node, new CheckFailure(code, says))),
  ];
}

/** Whether one of the node's loops should have been cleared away; one look alone cannot tell that. */
function staleness(region: Region, { node, shakes }: OfNode, now: Now): readonly Note[] {
  const gone = shakes.filter(({ outcome }) => outcome.kind === 'gone');
  if (shakes.length === 0 || (now.once && gone.length > 0)) return [];
  const stale = gone.some(
    ({ goneSince = now.steady }) => between(goneSince, now.steady) > leftOverFor(region),
  );
  return [observe(metrics.loopStale, stale, { node })];
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
        ...judged(cluster, answer, (up) => observe(metrics.reachable, up, { cluster })),
        ...(answer === 'silent' ? [evidence(cluster, 'answers neither ICMP nor TCP')] : []),
      ];
    }),
    ...(clusters.length > 0 && (present > 0 || settled)
      ? [observe(metrics.reachableCount, present, {})]
      : []),
    ...(clusters.length === 0 ? [doesNotApply(metrics.reachableCount, {})] : []),
  ];
}
