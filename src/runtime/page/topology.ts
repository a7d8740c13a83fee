import type { CheckResult } from '../../core/check.ts';
import { slavesOf, type Region } from '../../core/region.ts';
import { samplesOf, valueOf } from '../../core/seen.ts';
import { holderOf, claimsOf, type Claim, type Holder } from './holder.ts';
import { linksOf, type Link } from './links.ts';
import { nodeFacts, slaveFact } from './node-facts.ts';
import { eitherOr, fact, worstSign, type Fact, type Sign } from './signs.ts';
import { vipFacts } from './vip-facts.ts';

/** One region controller, with everything that runs on it. */
export interface NodeView {
  readonly name: string;
  readonly address: string;
  readonly reach: Fact;
  readonly claim: Claim;
  /** By what it is known that it holds, or claims, the virtual address. */
  readonly witnesses: readonly string[];
  readonly facts: readonly Fact[];
}

/** Something that stands beside the nodes and is drawn as one small box. */
export interface Beside {
  readonly name: string;
  readonly address: string;
  readonly sign: Sign;
  readonly says: string;
  /** Of a cluster: what is known of its services. */
  readonly facts?: readonly Fact[];
}

/** Who is connected to whom, and who holds what: what the drawing and its table are made of. */
export interface Topology {
  readonly vip: {
    readonly addresses: readonly string[];
    readonly answers: Fact;
    readonly holder: Holder;
    readonly facts: readonly Fact[];
  };
  readonly nodes: readonly NodeView[];
  readonly links: readonly Link[];
  readonly clusters: readonly Beside[];
  /** Slave DNS servers that are no nodes. */
  readonly slaves: readonly Beside[];
  readonly trusted: readonly Beside[];
}

/** The region as its newest results show it; whatever they do not show is not known. */
export function topologyOf(region: Region, results: readonly CheckResult[]): Topology {
  const holder = holderOf(region, results);
  const nodes = region.nodes.map(({ name, address }) => ({
    name,
    address,
    reach: eitherOr(
      'host',
      valueOf(results, 'maasha_node_reachable', { node: name }),
      ['good', 'answers'],
      ['bad', 'does not answer'],
    ),
    ...claimsOf(name, results),
    facts: nodeFacts(name, region, results),
  }));
  const own = new Set(region.nodes.map(({ name }) => name));
  return {
    vip: {
      addresses: [region.vip, ...(region.alsoVips ?? [])],
      answers: eitherOr(
        'address',
        valueOf(results, 'maasha_vip_up'),
        ['good', 'answers'],
        ['bad', 'does not answer'],
      ),
      holder,
      facts: vipFacts(region, results),
    },
    nodes,
    links: linksOf(region, results),
    clusters: region.clusters.map(({ name, address }) => ({
      name,
      address,
      ...clusterState(name, results),
    })),
    slaves: slavesOf(region)
      .filter(({ name }) => !own.has(name))
      .map(({ name, address }) => ({ name, address, ...slaveFact(name, results) })),
    trusted: region.trustedServers.map((server) => ({
      name: server,
      address: server,
      ...eitherOr(
        'trusted server',
        valueOf(results, 'maasha_trusted_server_reachable', { server }),
        ['good', 'answers'],
        ['warning', 'does not answer'],
      ),
    })),
  };
}

/** Whether the region is connected to it, which MAAS does not always tell, and whether its host is there. */
function clusterState(
  cluster: string,
  results: readonly CheckResult[],
): Pick<Beside, 'sign' | 'says' | 'facts'> {
  const facts = clusterFacts(cluster, results);
  const { sign, says } = connectionOf(cluster, results);
  const worst = worstSign([sign, ...facts.map((each) => each.sign)]);
  const bad = facts.filter((each) => each.sign === 'bad' || each.sign === 'warning');
  return {
    facts,
    sign: worst,
    says: [says, ...bad.map((each) => `${each.topic} ${each.says}`)].join('; '),
  };
}

function connectionOf(cluster: string, results: readonly CheckResult[]): Fact {
  const reachable = valueOf(results, 'maasha_cluster_reachable', { cluster });
  const connected =
    valueOf(results, 'maasha_cluster_connected', { cluster }) ??
    valueOf(results, 'maasha_rack_connected', { rack: cluster });
  if (connected === 1 && reachable !== 0) return fact('connection', 'good', 'connected');
  if (connected === 0)
    return fact(
      'connection',
      'bad',
      reachable === 0 ? 'does not answer, not connected' : 'answers, NOT connected',
    );
  if (reachable === 0) return fact('connection', 'bad', 'does not answer');
  return reachable === 1
    ? fact('connection', 'unknown', 'answers; connection not known')
    : fact('connection', 'unknown', 'not known');
}

/** What is said of a cluster's services, whichever checks look at them: samples by cluster and service. */
const clusterFacts = (cluster: string, results: readonly CheckResult[]): readonly Fact[] =>
  samplesOf(results, 'maasha_cluster_service_up', { cluster }).map(({ labels, value }) =>
    eitherOr(
      labels['service'] ?? 'service',
      value,
      ['good', 'works'],
      ['warning', 'does not work'],
    ),
  );
