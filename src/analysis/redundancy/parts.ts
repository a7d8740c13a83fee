import type { CheckResult } from '../../core/check.ts';
import { slavesOf, type Region } from '../../core/region.ts';
import { samplesOf } from '../../core/seen.ts';

/*
 * Of what a region consists, and by which metrics one knows whether each part has a spare. How many
 * there are of something is the site's own business: two is the usual, three is not worse.
 */

/** One kind of sample that speaks of a part. */
interface Proof {
  readonly metric: string;
  readonly good: number;
  /** The label that names what the sample is about; the word itself where there is only one. */
  readonly of: string;
}

interface Part {
  readonly name: string;
  /** The check that looks at it. */
  readonly check: string;
  readonly proofs: readonly Proof[];
  /** What a bad sample means for the thing that it names. */
  readonly missing: string;
  /** How many must be good, so that one of them may fail. */
  readonly least: number;
  /** The things are nodes: a node that lacks one part is no spare for another. */
  readonly byNode?: true;
  /** A metric that can only disprove: where it is not 1, the words say what the region lacks. */
  readonly unless?: { readonly metric: string; readonly lacks: string };
  /** Why such a site has no such part, where it has none. */
  readonly without?: (region: Region) => string | undefined;
  /** Why the part has no spare that could be lost, where there is only one of it. */
  readonly single?: (region: Region) => string | undefined;
}

const withoutPgpool = ({ pgpool }: Region): string | undefined =>
  pgpool === undefined ? 'there is no pgpool: whatever moves the VIP is not watched' : undefined;

export const PARTS: readonly Part[] = [
  {
    name: 'vip',
    check: 'vip',
    proofs: [{ metric: 'maasha_vip_up', good: 1, of: 'the VIP' }],
    missing: 'does not answer: the region is down as it is',
    least: 1,
  },
  {
    name: 'nodes',
    check: 'vip',
    proofs: [{ metric: 'maasha_node_reachable', good: 1, of: 'node' }],
    missing: 'does not answer: it is no region controller that could take over',
    least: 2,
    byNode: true,
  },
  {
    name: 'watchdog',
    check: 'pgpool-watchdog',
    proofs: [
      { metric: 'maasha_pgpool_up', good: 1, of: 'node' },
      { metric: 'maasha_pgpool_watchdog_peer_lost', good: 0, of: 'peer' },
    ],
    missing: 'is missing in the watchdog: it will not take the virtual address over',
    least: 2,
    byNode: true,
    without: withoutPgpool,
  },
  {
    name: 'backends',
    check: 'pgpool-watchdog',
    proofs: [{ metric: 'maasha_pgpool_backend_detached', good: 0, of: 'backend' }],
    missing:
      'is detached from pgpool: a failover to it is not possible until it is attached by hand',
    least: 2,
    byNode: true,
    without: withoutPgpool,
  },
  {
    name: 'standby',
    check: 'postgres-replication',
    proofs: [{ metric: 'maasha_postgres_replication_connected', good: 1, of: 'standby' }],
    missing: 'does not stream from the primary: it lacks the newest data',
    least: 1,
    byNode: true,
    unless: {
      metric: 'maasha_postgres_primaries',
      lacks: 'not exactly one node is primary: no standby has anybody to follow',
    },
  },
  {
    name: 'dns',
    check: 'dns-serial',
    proofs: [{ metric: 'maasha_dns_slave_up', good: 1, of: 'node' }],
    missing: 'has no working slave DNS: machines are left with fewer resolvers',
    least: 2,
    without: (region) => (slavesOf(region).length === 0 ? 'there is no slave DNS' : undefined),
    single: (region) =>
      slavesOf(region).length === 1 ? 'there is one slave DNS only: it has no spare' : undefined,
  },
  {
    name: 'proxy',
    check: 'proxy',
    proofs: [{ metric: 'maasha_proxy_node_works', good: 1, of: 'node' }],
    missing: 'has no working proxy: after a failover to it deployments would fail',
    least: 2,
    byNode: true,
    without: ({ proxy }) => (proxy === undefined ? 'no proxy is configured' : undefined),
  },
];

/** What is known of one part. */
export interface Judged {
  readonly part: Part;
  /**
   * - `spare`   one of it may fail
   * - `lost`    none of it may fail
   * - `none`    such a site has no such part, or no second one: nothing that could be lost
   * - `unseen`  it is there, and is not looked at, by configuration or for want of privilege
   * - `silent`  it is looked at, and nothing was seen
   */
  readonly is: 'spare' | 'lost' | 'none' | 'unseen' | 'silent';
  /** In words: what is missing, or why nothing can be said. */
  readonly says: readonly string[];
  /** The nodes that lack this part. */
  readonly lacking: readonly string[];
}

/** Judges one part by the newest results. */
export function judgePart(part: Part, region: Region, results: readonly CheckResult[]): Judged {
  const samples = samplesIn(part, results);
  const bad = new Set(samples.filter(({ good }) => !good).map(({ what }) => what));
  const sound = new Set(samples.map(({ what }) => what).filter((what) => !bad.has(what)));
  const lacks = [...disproofs(part, results)];
  const says = [...lacks, ...[...bad].map((what) => `${what} ${part.missing}`)];
  const known = (is: Judged['is'], words: readonly string[]): Judged => ({
    part,
    is,
    says: words,
    lacking: part.byNode === true ? [...bad] : [],
  });
  const absent = part.without?.(region);
  if (absent !== undefined) return known('none', [absent]);
  if (lacks.length > 0 || isTooFew(part, bad.size, sound.size)) return known('lost', says);
  const only = part.single?.(region);
  if (only !== undefined) return known('none', [only]);
  if (sound.size >= part.least && isProven(part, results)) return known('spare', says);
  const why = reasonIn(results.find(({ check }) => check === part.check));
  return why === undefined ? known('silent', says) : known('unseen', [why, ...says]);
}

const isTooFew = ({ least }: Part, bad: number, sound: number): boolean => bad > 0 && sound < least;

/** Every kind of sample that can speak of it does, or there is nothing that it could speak of. */
const isProven = ({ proofs }: Part, results: readonly CheckResult[]): boolean =>
  proofs.every(({ metric }) => isSpokenOf(metric, results));

const samplesIn = (part: Part, results: readonly CheckResult[]) =>
  part.proofs.flatMap(({ metric, good, of }) =>
    samplesOf(results, metric).map(({ labels, value }) => ({
      what: labels[of] ?? Object.values(labels)[0] ?? of,
      good: value === good,
    })),
  );

function* disproofs(part: Part, results: readonly CheckResult[]): Generator<string> {
  const { unless } = part;
  if (unless !== undefined && samplesOf(results, unless.metric).some(({ value }) => value !== 1))
    yield unless.lacks;
  if (part.name === 'watchdog') yield* quorumAtStake(results);
}

/**
 * A watchdog that loses its quorum drops the virtual address (pgpool's manual, "Watchdog"). Of an odd number
 * more than half are needed; of an even number a half is enough, where `enable_consensus_with_half_votes`
 * is on, as it has to be with two members.
 */
function* quorumAtStake(results: readonly CheckResult[]): Generator<string> {
  for (const { labels, value } of samplesOf(results, 'maasha_pgpool_watchdog_nodes_configured')) {
    const [alive] = samplesOf(results, 'maasha_pgpool_watchdog_nodes_alive', labels);
    // With two, the one that is lost is named already.
    if (alive === undefined || value < 3 || alive.value - 1 >= Math.ceil(value / 2)) continue;
    yield `the watchdog on ${labels['node'] ?? ''} sees ${alive.value} of ${value} members: one fewer, and it drops the virtual address`;
  }
}

const isSpokenOf = (metric: string, results: readonly CheckResult[]): boolean =>
  results.some(
    ({ observations, inapplicable }) =>
      observations.some((each) => each.metric.name === metric) ||
      inapplicable.some((each) => each.metric.name === metric),
  );

/** Why the check does not look at something, by configuration or for want of privilege. */
function reasonIn(result: CheckResult | undefined): string | undefined {
  const skipped = result?.skips.find(({ code }) => code === 'config' || code === 'no_privilege');
  return (
    skipped?.reason ?? (result?.state === 'skipped' ? 'its check looks at nothing' : undefined)
  );
}
