import type { Because, Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import { connected, count, missing } from './racks.ts';

/** Racks find the region by the list that it serves, at the virtual address, from the database. */
const NO_REGION: readonly Because[] = [
  { alert: 'MaasHaFailover' },
  { alert: 'MaasHaFailoverIncomplete' },
  { alert: 'MaasHaVipUnreachable' },
  { alert: 'MaasHaNoPrimary' },
  { alert: 'MaasHaRegionRpcDown' },
  { alert: 'MaasHaRegionRpcNoEventLoops' },
  { alert: 'MaasHaRegionRpcSecretWrong' },
  { alert: 'MaasHaRegionDetachedFromDatabase' },
  { alert: 'MaasHaAllClustersUnreachable' },
];

export const rackRules: readonly Rule[] = [
  {
    name: 'MaasHaAllRacksDisconnected',
    severity: 'critical',
    metric: count,
    when: { equal: 0 },
    for: seconds(180),
    inhibitedBy: NO_REGION,
    summary: 'No rack is connected to the region: nothing can be deployed or powered anywhere',
  },
  {
    name: 'MaasHaRackDisconnected',
    severity: 'warning',
    metric: connected,
    when: { equal: 0 },
    for: seconds(180),
    inhibitedBy: [
      { alert: 'MaasHaAllRacksDisconnected' },
      { alert: 'MaasHaClusterUnreachable', on: { rack: 'cluster' } },
      { alert: 'MaasHaNodeDown', on: { rack: 'node' } },
      ...NO_REGION,
    ],
    summary: 'Rack {rack} has no connection to the region: its machines cannot be deployed',
  },
  {
    name: 'MaasHaRackPartlyConnected',
    severity: 'info',
    metric: missing,
    when: { above: 0 },
    for: seconds(300),
    inhibitedBy: [
      { alert: 'MaasHaRegionProcessesMissing' },
      { alert: 'MaasHaRegionRpcLoopSilent' },
      { alert: 'MaasHaNodeDown' },
      ...NO_REGION,
    ],
    summary: 'Rack {rack} lacks a connection to {value} of the region processes',
  },
];
