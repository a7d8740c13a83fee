import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import * as metrics from './metrics.ts';

export const capacityRules: readonly Rule[] = [
  {
    name: 'MaasHaWalGap',
    severity: 'critical',
    metric: metrics.walGap,
    when: { equal: 1 },
    for: seconds(30),
    summary:
      'Standby {standby} cannot catch up any more: the WAL that it needs is gone, or beyond what the primary keeps',
  },
  {
    name: 'MaasHaWalRetentionLow',
    severity: 'warning',
    metric: metrics.headroomRatio,
    when: { below: 0.25 },
    clear: { above: 0.5 },
    for: seconds(60),
    // Not by what keeps the standby away: that is told first, and this is when it becomes too late.
    inhibitedBy: [{ alert: 'MaasHaWalGap', on: { standby: 'standby' } }],
    summary:
      'Standby {standby} has little of the WAL left that the primary keeps for it: beyond that only a rebuild helps',
  },
  {
    name: 'MaasHaSlotRetainsMuch',
    severity: 'warning',
    metric: metrics.slotRetained,
    when: { above: 1024 ** 3 },
    for: seconds(60),
    summary: 'Replication slot {slot} keeps {value} bytes of WAL on {node}, until the disk is full',
  },
  {
    name: 'MaasHaSlotLost',
    severity: 'warning',
    metric: metrics.slotState,
    where: { state: 'lost' },
    when: { equal: 1 },
    for: seconds(30),
    inhibitedBy: [{ alert: 'MaasHaWalGap' }],
    summary: 'Replication slot {slot} on {node} has lost the WAL that it was to keep',
  },
  {
    name: 'MaasHaConnectionsNearLimit',
    severity: 'warning',
    metric: metrics.connectionsRatio,
    when: { above: 0.85 },
    clear: { below: 0.75 },
    for: seconds(60),
    inhibitedBy: [{ alert: 'MaasHaConnectionsExhausted', on: { node: 'node' } }],
    summary: 'PostgreSQL on {node} is near a limit of its connections: {value} of them are in use',
  },
  {
    name: 'MaasHaConnectionsExhausted',
    severity: 'critical',
    metric: metrics.connectionsRatio,
    when: { above: 0.999 },
    clear: { below: 0.95 },
    for: seconds(0),
    summary: 'PostgreSQL on {node} lets nobody new in: a limit of its connections is reached',
  },
];
