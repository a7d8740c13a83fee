import { stateset } from '../../core/metric.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import { TRUTHS } from './truth.ts';

export const truth = stateset({
  name: 'maasha_pgpool_backend_truth',
  help: "What the leading pgpool's view of the database on `backend` is worth against the database itself: `agrees` is healthy, `attachable` only waits for pcp_attach_node, `unfit` must never be attached as it is; absent while too little is known.",
  labels: ['backend'],
  states: TRUTHS,
});

export const truthRules: readonly Rule[] = [
  {
    name: 'MaasHaPgpoolBackendUnfit',
    severity: 'warning',
    metric: truth,
    where: { state: 'unfit' },
    when: { equal: 1 },
    for: seconds(60),
    // Why it is unfit is the news, where that is told; this one adds that it must not be attached.
    inhibitedBy: [
      { alert: 'MaasHaTwoPrimaries' },
      { alert: 'MaasHaWatchdogTwoLeaders' },
      { alert: 'MaasHaHistoryDiverged', on: { backend: 'node' } },
      { alert: 'MaasHaStandbyMissing', on: { backend: 'standby' } },
      { alert: 'MaasHaNoPrimary' },
    ],
    summary: 'Never attach the database on {backend} as it is: it does not follow the primary',
  },
  {
    name: 'MaasHaPgpoolBackendDead',
    severity: 'critical',
    metric: truth,
    where: { state: 'dead' },
    when: { equal: 1 },
    // pgpool's own health check needs up to half a minute to give it up.
    for: seconds(60),
    inhibitedBy: [
      { alert: 'MaasHaPostgresDown', on: { backend: 'node' } },
      { alert: 'MaasHaNodeDown', on: { backend: 'node' } },
      { alert: 'MaasHaNoPrimary' },
    ],
    summary:
      'pgpool goes on using the dead database on {backend}: sessions through the VIP fail or hang',
  },
  {
    name: 'MaasHaPgpoolWrongPrimary',
    severity: 'critical',
    metric: truth,
    where: { state: 'false_primary' },
    when: { equal: 1 },
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaTwoPrimaries' },
      { alert: 'MaasHaNoPrimary' },
      { alert: 'MaasHaWatchdogTwoLeaders' },
      // A database is promoted some seconds before pgpool takes it for the primary.
      { alert: 'MaasHaFailover', where: { of: 'primary' } },
    ],
    summary: 'pgpool takes {backend} for the primary and it is a standby: nothing can be written',
  },
];
