import { doesNotApply, evidence, skip, type Note } from '../../core/check.ts';
import type { CheckFailure } from '../../core/failure.ts';
import { gauge, observe } from '../../core/metric.ts';
import type { Region } from '../../core/region.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import { formatLsn } from '../../protocol/lsn.ts';
import { bytesBeyond, type Comparison, type Fork, type Standing } from './histories.ts';

const diverged = gauge({
  name: 'maasha_postgres_diverged',
  help: 'Whether PostgreSQL on the node has WAL that is no part of the history of the primary (or, with several, of the newest timeline), so that it cannot follow any more (1), or not (0); absent while that is not proven.',
  labels: ['node'],
});
const divergentBytes = gauge({
  name: 'maasha_postgres_divergent_wal_bytes',
  help: 'Bytes of WAL that PostgreSQL on the node has beyond the point where its history left that of the primary (or, with several, of the newest timeline): what a rebuild of the node gives up; 0 where the histories are one.',
  labels: ['node'],
});

export const divergenceMetrics = [diverged, divergentBytes] as const;

export const divergenceRules: readonly Rule[] = [
  {
    name: 'MaasHaHistoryDiverged',
    severity: 'critical',
    metric: diverged,
    when: { equal: 1 },
    // Two primaries are told at once, and then this is the same news.
    for: seconds(30),
    inhibitedBy: [{ alert: 'MaasHaTwoPrimaries' }],
    summary:
      'The data on {node} has parted from the other PostgreSQL node: it cannot follow any more, and what only one of them holds is lost when that one is rebuilt',
  },
];

/** Whether the account may log in for replication (`pg_roles`); cheap, and known before it matters. */
export const MAY_REPLICATE =
  'SELECT bool_or(rolreplication OR rolsuper)::text AS may FROM pg_roles WHERE rolname = current_user';

/** Nothing sets the nodes apart: each is on the one history. */
export const united = (node: string): readonly Note[] => [
  observe(diverged, 0, { node }),
  observe(divergentBytes, 0, { node }),
];

/**
 * What the comparisons show. Good news only where every node was compared: a reference that is down
 * may be the one that this node has parted from.
 */
export function describe(
  standings: readonly Standing[],
  comparisons: readonly Comparison[],
  complete: boolean,
): readonly Note[] {
  const said = comparisons.flatMap((each) => describeOne(each, complete));
  const alone = standings.filter(({ node }) =>
    comparisons.every((comparison) => comparison.node.node !== node),
  );
  return [...said, ...(complete ? alone.flatMap(({ node }) => united(node)) : [])];
}

function describeOne(comparison: Comparison, complete: boolean): readonly Note[] {
  const { node, reference, fork } = comparison;
  const own = fork && bytesBeyond(node, fork);
  const says = evidence(node.node, sayOne(comparison));
  if (!comparison.diverged) return complete ? [...united(node.node), says] : [says];
  return [
    observe(diverged, 1, { node: node.node }),
    ...(own === undefined ? [] : [observe(divergentBytes, own, { node: node.node })]),
    says,
    evidence(
      node.node,
      `do not attach or start anything until it is proven which to keep: ${stakes(node, fork)}; ${stakes(reference, fork)}`,
    ),
  ];
}

const stakes = (standing: Standing, fork: Fork | undefined): string => {
  const bytes = fork && bytesBeyond(standing, fork);
  if (bytes === undefined) return `how much only ${standing.node} holds is not known`;
  return `only ${standing.node} holds ${fork?.exact === false ? 'up to ' : ''}${bytes} bytes of WAL`;
};

function sayOne({ node, reference, fork, diverged: parted }: Comparison): string {
  const here = `on timeline ${node.timeline} at ${formatLsn(node.position)}`;
  if (fork === undefined) return `is ${here}, in one history with ${reference.node}`;
  const from = `${reference.node} (timeline ${reference.timeline}, ${formatLsn(reference.position)})`;
  if (!parted) return `is ${here}, before the fork at ${place(fork)}: it can still follow ${from}`;
  return `is ${here} and has parted from ${from}: ${where(fork)}`;
}

const place = ({ at }: Fork): string => (at === undefined ? 'an unknown place' : formatLsn(at));

function where({ timeline, at, exact }: Fork): string {
  if (timeline === undefined) return 'they share no timeline';
  if (exact)
    return `they share timeline ${timeline} up to ${at === undefined ? '?' : formatLsn(at)}`;
  const since = at === undefined ? '' : `, which began at ${formatLsn(at)}`;
  return `both write on timeline ${timeline}${since}`;
}

/** Not looked at for want of a log-in for replication; what is missing, ready to be pasted. */
export function withoutLogin(
  { postgres }: Region,
  node: string,
  failure: Pick<CheckFailure, 'message' | 'code' | 'facts'>,
): Note {
  const user = postgres?.user ?? '';
  const { noLineIn, from } = failure.facts;
  const grant =
    noLineIn === undefined
      ? `ALTER ROLE ${user} REPLICATION`
      : `a line in pg_hba.conf: host ${postgres?.database ?? 'all'} ${user} ${String(from)}/32 scram-sha-256`;
  return skip(
    node,
    failure.code,
    `timelines are compared, histories are not: the account needs a log-in for replication (${grant})`,
  );
}

/** The node is a copy of another database: there is no common history that it could have left. */
export const ofAnotherSystem = (node: string): readonly Note[] => [
  evidence(
    node,
    'has another system identifier: it is no copy of the others, and has not diverged',
  ),
  ...divergenceMetrics.map((metric) => doesNotApply(metric, { node })),
];
