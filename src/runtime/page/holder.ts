import type { CheckResult } from '../../core/check.ts';
import type { Region } from '../../core/region.ts';
import { namesWhere, samplesOf, valueOf } from '../../core/seen.ts';
import { instant, type Instant } from '../../core/time.ts';
import type { Sign } from './signs.ts';

/** What a node is to the virtual address: `claims` is said of it by somebody, `holds` is agreed upon. */
export type Claim = 'holds' | 'claims' | 'not' | 'unknown';

/** Who holds the virtual address, all witnesses together. */
export interface Holder {
  readonly is: 'one' | 'disputed' | 'nobody' | 'unknown';
  readonly names: readonly string[];
  readonly sign: Sign;
  readonly says: string;
  readonly since?: Instant;
}

const WITNESSES: readonly (readonly [
  name: string,
  metric: string,
  labels: Readonly<Record<string, string>>,
])[] = [
  ['watchdog', 'maasha_pgpool_watchdog_escalated', {}],
  ['DNS', 'maasha_dns_master_node', {}],
  ['ARP', 'maasha_vip_claim', { witness: 'arp' }],
  ['marker', 'maasha_vip_claim', { witness: 'marker' }],
];

const OWNER = 'maasha_vip_owner';

/** The witnesses that name this node. */
const witnessesOf = (node: string, results: readonly CheckResult[]): readonly string[] =>
  WITNESSES.flatMap(([name, metric, labels]) =>
    valueOf(results, metric, { ...labels, node }) === 1 ? [name] : [],
  );

export function claimsOf(
  node: string,
  results: readonly CheckResult[],
): { readonly claim: Claim; readonly witnesses: readonly string[] } {
  const witnesses = witnessesOf(node, results);
  const owns = valueOf(results, OWNER, { node });
  if (owns === 1) return { claim: 'holds', witnesses };
  if (witnesses.length > 0) return { claim: 'claims', witnesses };
  return { claim: owns === 0 ? 'not' : 'unknown', witnesses };
}

export function holderOf(region: Region, results: readonly CheckResult[]): Holder {
  const names = namesWhere(results, OWNER, 'node');
  const claimants = claimantsOf(region, results, names);
  const up = valueOf(results, 'maasha_vip_up');
  if (claimants.length > 1)
    return {
      is: 'disputed',
      names: claimants,
      sign: 'bad',
      says: `DISPUTED: ${claimants.join(' AND ')} hold or claim it at once`,
    };
  const [name] = names;
  if (name !== undefined) return oneHolder(name, results);
  if (samplesOf(results, OWNER).length > 0 || (up === 0 && noneNamed(region, results)))
    return { is: 'nobody', names: [], sign: 'bad', says: 'NOBODY holds it' };
  const named = region.nodes.filter((node) => witnessesOf(node.name, results).length > 0);
  return {
    is: 'unknown',
    names: named.map((node) => node.name),
    sign: 'unknown',
    says:
      named.length === 0
        ? 'who holds it is not known'
        : `not known: only ${named.map((node) => `${witnessesOf(node.name, results).join(', ')} for ${node.name}`).join('; ')}`,
  };
}

function oneHolder(name: string, results: readonly CheckResult[]): Holder {
  const count = valueOf(results, 'maasha_vip_owner_witnesses');
  const since = valueOf(results, 'maasha_vip_owner_since_timestamp_seconds');
  const disagree = valueOf(results, 'maasha_vip_witnesses_disagree') === 1;
  const by =
    count === undefined ? '' : ` (${count} ${count === 1 ? 'witness: probable' : 'witnesses'})`;
  return {
    is: 'one',
    names: [name],
    sign: disagree ? 'warning' : 'good',
    says: `held by ${name}${by}${disagree ? '; witnesses disagreed within the last minute' : ''}`,
    ...(since !== undefined && { since: instant(since * 1000) }),
  };
}

/** Those that hold or claim the address at once, where there are several; else nobody. */
function claimantsOf(
  region: Region,
  results: readonly CheckResult[],
  owners: readonly string[],
): readonly string[] {
  const leftover = namesWhere(results, 'maasha_vip_leftover', 'node');
  const doubled = (valueOf(results, 'maasha_vip_owners') ?? 0) > 1;
  const claiming = doubled
    ? region.nodes
        .map(({ name }) => name)
        .filter((node) =>
          witnessesOf(node, results).some((each) => each === 'watchdog' || each === 'ARP'),
        )
    : [];
  const all = [...new Set([...owners, ...leftover, ...claiming])];
  return all.length > 1 ? all : [];
}

const noneNamed = ({ nodes }: Region, results: readonly CheckResult[]): boolean =>
  nodes.every(({ name }) => witnessesOf(name, results).length === 0);
