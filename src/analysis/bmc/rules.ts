import { gauge } from '../../core/metric.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

/* Whether the power controllers of machines are there: without them MAAS switches nothing on or off. */

export const up = gauge({
  name: 'maasha_bmc_up',
  help: 'Whether the power controller answers the monitor over RMCP, the protocol of IPMI (1), or not (0).',
  labels: ['cluster', 'bmc'],
});
export const hostUp = gauge({
  name: 'maasha_bmc_host_up',
  help: 'Whether anything answers the monitor at the address of the power controller, over RMCP or by ICMP (1), or nothing does (0).',
  labels: ['cluster', 'bmc'],
});
export const upCount = gauge({
  name: 'maasha_bmcs_up',
  help: 'Power controllers of machines of the cluster that answer the monitor over RMCP; only where at least two are configured.',
  labels: ['cluster'],
});

const byNetwork = [{ alert: 'MaasHaMonitorIsolated' }];

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaBmcSilent',
    severity: 'info',
    metric: up,
    when: { equal: 0 },
    // A controller restarts now and then, and takes minutes.
    for: seconds(300),
    inhibitedBy: [
      { alert: 'MaasHaAllBmcsSilent', on: { cluster: 'cluster' } },
      { alert: 'MaasHaAllClustersUnreachable' },
      ...byNetwork,
    ],
    summary:
      'Power controller {bmc} of {cluster} does not answer: MAAS can neither start nor stop its machine',
  },
  {
    name: 'MaasHaAllBmcsSilent',
    severity: 'warning',
    metric: upCount,
    when: { equal: 0 },
    for: seconds(120),
    inhibitedBy: [{ alert: 'MaasHaAllClustersUnreachable' }, ...byNetwork],
    summary:
      'No power controller of {cluster} answers: their network is cut, and no machine there can be started, stopped or deployed',
  },
];
