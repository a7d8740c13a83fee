import type { CheckResult } from '../../core/check.ts';
import type { Region } from '../../core/region.ts';
import { namesWhere, samplesOf, stateOf, valueOf } from '../../core/seen.ts';
import { eitherOr, fact, NOT_KNOWN, type Fact } from './signs.ts';

type Results = readonly CheckResult[];

/** What is reached by way of the virtual address: what the region is for. */
export const vipFacts = (region: Region, results: Results): readonly Fact[] => [
  application(results),
  ...(region.postgres === undefined ? [] : [sql(results)]),
  ...(region.dns === undefined ? [] : [master(results)]),
  ...(region.proxy === undefined ? [] : [proxy(results)]),
  ...closedPorts(results),
];

const PROXY: readonly (readonly [metric: string, says: string])[] = [
  ['maasha_proxy_broken', 'broken'],
  ['maasha_proxy_refuses', 'refuses'],
  ['maasha_proxy_wrong_content', 'gives something else'],
  ['maasha_proxy_cannot_fetch', 'cannot fetch'],
];

function proxy(results: Results): Fact {
  const [bad] = PROXY.filter(([metric]) => valueOf(results, metric) === 1);
  if (bad !== undefined) return fact('proxy', 'bad', bad[1]);
  const known = PROXY.some(([metric]) => valueOf(results, metric) === 0);
  return known ? fact('proxy', 'good', 'works') : fact('proxy', 'unknown', NOT_KNOWN);
}

function application(results: Results): Fact {
  const state = stateOf(results, 'maasha_region_url_state');
  if (state === undefined) return fact('region app', 'unknown', NOT_KNOWN);
  return state === 'active'
    ? fact('region app', 'good', 'active')
    : fact('region app', 'bad', state.replaceAll('_', ' '));
}

/** SQL through pgpool: whether it is answered, and whether it can write. */
function sql(results: Results): Fact {
  const up = valueOf(results, 'maasha_vip_sql_up');
  const writable = valueOf(results, 'maasha_vip_sql_writable');
  if (up === 0) return fact('SQL', 'bad', 'does not answer');
  if (up === undefined) return fact('SQL', 'unknown', NOT_KNOWN);
  const [by] = namesWhere(results, 'maasha_vip_sql_backend', 'node');
  const whom = by === undefined ? '' : ` by ${by}`;
  return eitherOr('SQL', writable, ['good', `writes${whom}`], ['bad', `READ ONLY${whom}`]);
}

function master(results: Results): Fact {
  const up = valueOf(results, 'maasha_dns_master_up');
  const [by] = namesWhere(results, 'maasha_dns_master_node', 'node');
  if ((valueOf(results, 'maasha_dns_zones_regressed') ?? 0) > 0)
    return fact('maas-dns', 'bad', 'serial went BACK');
  return eitherOr(
    'maas-dns',
    up,
    ['good', by === undefined ? 'answers' : `answers on ${by}`],
    ['bad', 'does not answer'],
  );
}

/** Only what is closed: what is open shows itself in what answers. */
function closedPorts(results: Results): readonly Fact[] {
  const closed = samplesOf(results, 'maasha_vip_port_open')
    .filter(({ value }) => value === 0)
    .map(({ labels }) => labels['service'] ?? '');
  return closed.length === 0 ? [] : [fact('closed', 'bad', closed.join(', '))];
}
