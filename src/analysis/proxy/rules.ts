import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import { broken, cannotFetch, nodeWorks, refuses, wrongContent } from './metrics.ts';

/* What is bad about the caching proxy, and what explains it. A port that is closed at the virtual address is told by MaasHaVipServiceDown. */

const VIP_GONE = [
  { alert: 'MaasHaVipUnreachable' },
  { alert: 'MaasHaRegionDown' },
  { alert: 'MaasHaVipDuplicate' },
  { alert: 'MaasHaVipStranger' },
  // It is restarted on the node that takes the address over.
  { alert: 'MaasHaFailover', where: { of: 'vip' } },
  { alert: 'MaasHaFailoverIncomplete' },
] as const;

/** The ports that MAAS gives its proxy. */
const CLOSED = [
  { alert: 'MaasHaVipAllServicesDown' },
  { alert: 'MaasHaVipServiceDown', where: { service: 'proxy-8000' } },
  { alert: 'MaasHaVipServiceDown', where: { service: 'proxy-3128' } },
] as const;

/** The proxy looks names up at the slaves, as every server of the site. */
const NAMES_GONE = [
  { alert: 'MaasHaDnsUpstreamBroken' },
  { alert: 'MaasHaDnsMasterDown' },
  { alert: 'MaasHaVipServiceDown', where: { service: 'dns' } },
  { alert: 'MaasHaDnsAllSlavesDown' },
  { alert: 'MaasHaDnsClientsBlind', where: { name: 'outside' } },
] as const;

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaProxyBroken',
    severity: 'critical',
    metric: broken,
    when: { equal: 1 },
    for: seconds(60),
    inhibitedBy: VIP_GONE,
    summary:
      'The proxy at the virtual address takes connections and does not work: deployments hang or fail',
  },
  {
    name: 'MaasHaProxyRefuses',
    severity: 'warning',
    metric: refuses,
    when: { equal: 1 },
    for: seconds(120),
    inhibitedBy: VIP_GONE,
    summary:
      'The proxy at the virtual address refuses the monitor: if it refuses machines too, deployments fail',
  },
  {
    name: 'MaasHaProxyCannotFetch',
    severity: 'warning',
    metric: cannotFetch,
    when: { equal: 1 },
    // What explains it, DNS, is told after 120 s.
    for: seconds(180),
    inhibitedBy: [{ alert: 'MaasHaProxyBroken' }, ...NAMES_GONE, ...VIP_GONE],
    summary:
      'The proxy works and cannot fetch from outside: machines get what its cache has, and nothing new',
  },
  {
    name: 'MaasHaProxyWrongContent',
    severity: 'warning',
    metric: wrongContent,
    when: { equal: 1 },
    for: seconds(180),
    inhibitedBy: VIP_GONE,
    summary:
      'The proxy gives something else than what was asked for: installations break in odd ways',
  },
  {
    name: 'MaasHaProxyNodeDown',
    severity: 'warning',
    metric: nodeWorks,
    when: { equal: 0 },
    for: seconds(120),
    inhibitedBy: [
      { alert: 'MaasHaNodeDown', on: { node: 'node' } },
      // What does not work for anybody is told once, and where it is felt.
      { alert: 'MaasHaProxyBroken' },
      { alert: 'MaasHaProxyCannotFetch' },
      { alert: 'MaasHaProxyRefuses' },
      { alert: 'MaasHaProxyWrongContent' },
      { alert: 'MaasHaDnsForwardBroken', on: { node: 'server' } },
      ...CLOSED,
      { alert: 'MaasHaRegionDown' },
    ],
    summary: 'The proxy of {node} does not work: after a failover to it, deployments would fail',
  },
];
