import type { CheckResult } from '../../core/check.ts';
import { slavesOf, type Region } from '../../core/region.ts';
import { namesWhere, samplesOf, stateOf, valueOf } from '../../core/seen.ts';
import { eitherOr, fact, NOT_KNOWN, type Fact } from './signs.ts';

type Results = readonly CheckResult[];

/** What runs on a node, in the order in which it is drawn. What is not configured is left out. */
export const nodeFacts = (node: string, region: Region, results: Results): readonly Fact[] => [
  ...(region.pgpool === undefined ? [] : [watchdog(node, region, results)]),
  ...(region.postgres === undefined ? [] : [database(node, results)]),
  ...(region.pgpool === undefined ? [] : [backend(node, results)]),
  application(node, results),
  ...(slavesOf(region).some(({ name }) => name === node) ? [slaveFact(node, results)] : []),
  ...optional(node, region, results),
];

function watchdog(node: string, { pgpool }: Region, results: Results): Fact {
  const up = valueOf(results, 'maasha_pgpool_up', { node });
  if (valueOf(results, 'maasha_pgpool_headless', { node }) === 1)
    return fact('pgpool', 'bad', 'dead, orphans answer');
  if (up === 0) return fact('pgpool', 'bad', 'down');
  const metric = 'maasha_pgpool_watchdog_node_state';
  const state = stateOf(results, metric, { node, peer: node });
  if (state === undefined)
    return pgpool?.pcp === undefined
      ? fact('pgpool', 'none', 'not asked (no PCP)')
      : fact('pgpool', 'unknown', NOT_KNOWN);
  const leaders = new Set(namesWhere(results, metric, 'peer', { state: 'leader' }));
  if (state === 'leader')
    return leaders.size > 1
      ? fact('pgpool', 'bad', 'leader, not the only one')
      : fact('pgpool', 'good', 'leader');
  return fact('pgpool', state === 'standby' ? 'good' : 'warning', state.replaceAll('_', ' '));
}

function database(node: string, results: Results): Fact {
  const role = stateOf(results, 'maasha_postgres_role', { node });
  if (role === undefined)
    return eitherOr(
      'database',
      valueOf(results, 'maasha_postgres_up', { node }) === 0 ? 0 : undefined,
      ['good', ''],
      ['bad', 'down'],
    );
  const primaries = namesWhere(results, 'maasha_postgres_role', 'node', { state: 'primary' });
  if (role === 'primary' && primaries.length > 1)
    return fact('database', 'bad', 'primary, not the only one');
  return valueOf(results, 'maasha_postgres_diverged', { node }) === 1
    ? fact('database', 'bad', `${role}, history parted`)
    : fact('database', 'good', role);
}

/** Whether pgpool uses this node's database, in its leader's view. */
const backend = (node: string, results: Results): Fact =>
  eitherOr(
    'backend',
    valueOf(results, 'maasha_pgpool_backend_detached', { backend: node }),
    ['warning', 'detached'],
    ['good', 'attached'],
  );

const APPLICATION: Readonly<Record<string, string>> = {
  active: 'active',
  no_database: 'without database',
};

function application(node: string, results: Results): Fact {
  const state = stateOf(results, 'maasha_region_state', { node });
  const ready = valueOf(results, 'maasha_region_ready', { node });
  if (state === undefined || ready === undefined) return fact('region app', 'unknown', NOT_KNOWN);
  if (state === 'active' && valueOf(results, 'maasha_region_two_active') === 1)
    return fact('region app', 'bad', 'active, not the only one');
  // Of generation 1 the application of the passive node is there, and waits for the database.
  if (ready === 1 && state === 'no_database') return fact('region app', 'good', 'passive');
  return fact('region app', ready === 1 ? 'good' : 'warning', APPLICATION[state] ?? state);
}

/** A slave DNS server by its name, and how far its zones are from the master's. */
export function slaveFact(server: string, results: Results): Fact {
  const up = valueOf(results, 'maasha_dns_slave_up', { node: server });
  if (up === undefined) return fact('slave DNS', 'unknown', NOT_KNOWN);
  if (up === 0) return fact('slave DNS', 'bad', 'does not answer');
  const apart = samplesOf(results, 'maasha_dns_soa_serial_distance', { server });
  if (apart.length === 0) return fact('slave DNS', 'unknown', 'answers; serials not known');
  const ahead = apart.filter(({ value }) => value > 0);
  const behind = apart.filter(({ value }) => value < 0);
  if (ahead.length > 0)
    return fact(
      'slave DNS',
      'bad',
      `${Math.max(...ahead.map(({ value }) => value))} AHEAD of master`,
    );
  if (behind.length === 0) return fact('slave DNS', 'good', 'in step');
  const overdue = samplesOf(results, 'maasha_dns_zone_overdue', { server });
  return fact(
    'slave DNS',
    overdue.some(({ value }) => value === 1) ? 'warning' : 'none',
    `${-Math.min(...behind.map(({ value }) => value))} behind master`,
  );
}

/** What only some sites have; it is drawn as soon as a check speaks of it. */
const optional = (node: string, region: Region, results: Results): readonly Fact[] => [
  ...(region.proxy === undefined ? [] : [proxy(node, results)]),
  ...(region.fencing === undefined ? [] : [fence(node, results)]),
];

const proxy = (node: string, results: Results): Fact =>
  eitherOr(
    'proxy',
    valueOf(results, 'maasha_proxy_node_works', { node }),
    ['good', 'works'],
    ['warning', 'does not work'],
  );

/** Whoever holds the virtual address is to have the database: it is not kept from it. */
function fence(node: string, results: Results): Fact {
  const open = valueOf(results, 'maasha_fence_open', { node });
  return open === undefined && valueOf(results, 'maasha_vip_owner', { node }) === 1
    ? fact('fence', 'none', 'may pass (active)')
    : eitherOr('fence', open, ['bad', 'OPEN'], ['good', 'closed']);
}
