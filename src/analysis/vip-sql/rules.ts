import { gauge } from '../../core/metric.ts';
import type { Because, Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

/* What MAAS itself does all the time: SQL by way of the virtual address. */

export const sqlUp = gauge({
  name: 'maasha_vip_sql_up',
  help: 'Whether a new connection by way of the virtual address is let in and answers SQL (1) or not (0); absent when the monitor itself is not let in.',
  labels: [],
});
export const sqlSeconds = gauge({
  name: 'maasha_vip_sql_seconds',
  help: 'Time that a new connection by way of the virtual address and one answer on it took, in seconds, log-in included.',
  labels: [],
});
export const sqlWritable = gauge({
  name: 'maasha_vip_sql_writable',
  help: 'Whether the database behind the virtual address takes writes: it is no standby, and transactions are not read-only by default (1), or not so (0).',
  labels: [],
});
export const sqlBackend = gauge({
  name: 'maasha_vip_sql_backend',
  help: 'Whether it was the database of this node that answered by way of the virtual address (1) or not (0).',
  labels: ['node'],
});
export const writeSuccess = gauge({
  name: 'maasha_vip_write_success',
  help: "Whether the monitor's own row could be written by way of the virtual address and read back (1) or not (0); only where the operator has opted in.",
  labels: [],
});
export const writeSeconds = gauge({
  name: 'maasha_vip_write_duration_seconds',
  help: "Time to write and read back the monitor's own row by way of the virtual address, in seconds, connecting excepted.",
  labels: [],
});

export const vipSqlMetrics = [
  sqlUp,
  sqlSeconds,
  sqlWritable,
  sqlBackend,
  writeSuccess,
  writeSeconds,
] as const;

/** Nobody to write to: whatever the virtual address does. */
const WITHOUT_PRIMARY: readonly Because[] = [
  { alert: 'MaasHaNoPrimary' },
  { alert: 'MaasHaPgpoolNoPrimary' },
];

export const vipSqlRules: readonly Rule[] = [
  {
    name: 'MaasHaVipSqlDown',
    severity: 'critical',
    metric: sqlUp,
    when: { equal: 0 },
    for: seconds(20),
    inhibitedBy: [
      { alert: 'MaasHaMonitorIsolated' },
      { alert: 'MaasHaRegionDown' },
      { alert: 'MaasHaVipUnreachable' },
      { alert: 'MaasHaVipAllServicesDown' },
      { alert: 'MaasHaVipServiceDown', where: { service: 'pgpool' } },
      { alert: 'MaasHaPgpoolBackendHangs' },
      ...WITHOUT_PRIMARY,
      // Measured: up to 45 s without SQL while everything moves.
      { alert: 'MaasHaFailover' },
    ],
    summary: 'The database does not answer by way of the virtual address: MAAS cannot work',
  },
  {
    name: 'MaasHaVipSqlReadOnly',
    severity: 'critical',
    metric: sqlWritable,
    when: { equal: 0 },
    for: seconds(20),
    inhibitedBy: [...WITHOUT_PRIMARY],
    summary:
      'The database behind the virtual address answers and takes no writes: MAAS cannot change anything',
  },
  {
    name: 'MaasHaVipWriteFailing',
    severity: 'critical',
    metric: writeSuccess,
    when: { equal: 0 },
    for: seconds(20),
    inhibitedBy: [
      { alert: 'MaasHaVipSqlDown' },
      { alert: 'MaasHaVipSqlReadOnly' },
      { alert: 'MaasHaPgpoolBackendHangs' },
      ...WITHOUT_PRIMARY,
      { alert: 'MaasHaFailover' },
    ],
    summary:
      'A row cannot be written by way of the virtual address, though reading works: MAAS cannot change anything',
  },
];
