import * as metrics from './notes.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

export const replicationRules: readonly Rule[] = [
  {
    name: 'MaasHaPostgresDown',
    severity: 'warning',
    metric: metrics.up,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaNodeDown', on: { node: 'node' } },
      { alert: 'MaasHaMonitorIsolated' },
      // Both are down: one message. What outlives the lack of a primary is told then.
      { alert: 'MaasHaNoPrimary' },
      // It serves those who are in, and lets nobody in.
      { alert: 'MaasHaConnectionsExhausted', on: { node: 'node' } },
    ],
    summary: 'PostgreSQL on {node} does not serve; the region runs on one database or none',
  },
  {
    name: 'MaasHaNoPrimary',
    severity: 'critical',
    metric: metrics.primaries,
    when: { equal: 0 },
    for: seconds(15),
    inhibitedBy: [{ alert: 'MaasHaMonitorIsolated' }, { alert: 'MaasHaRegionDown' }],
    summary: 'No PostgreSQL node takes writes: MAAS cannot work until one is promoted or started',
  },
  {
    name: 'MaasHaTwoPrimaries',
    severity: 'critical',
    metric: metrics.primaries,
    when: { above: 1 },
    for: seconds(0),
    confirm: true,
    summary: '{value} PostgreSQL nodes take writes: the data diverges with every second',
  },
  {
    name: 'MaasHaStandbyMissing',
    severity: 'warning',
    metric: metrics.connected,
    when: { equal: 0 },
    for: seconds(60),
    inhibitedBy: [
      { alert: 'MaasHaPostgresDown', on: { standby: 'node' } },
      { alert: 'MaasHaNodeDown', on: { standby: 'node' } },
      { alert: 'MaasHaNoPrimary' },
      // It is missing because it cannot have what it needs.
      { alert: 'MaasHaWalGap', on: { standby: 'standby' } },
      { alert: 'MaasHaHistoryDiverged', on: { standby: 'node' } },
    ],
    summary: 'Standby {standby} does not receive from the primary: a failover to it loses data',
  },
  {
    name: 'MaasHaReplicationLagHigh',
    severity: 'warning',
    metric: metrics.lagSeconds,
    when: { above: 30 },
    clear: { below: 10 },
    for: seconds(120),
    inhibitedBy: [
      { alert: 'MaasHaStandbyMissing', on: { standby: 'standby' } },
      { alert: 'MaasHaReceiverSilent', on: { standby: 'node' } },
      { alert: 'MaasHaReplayPaused', on: { standby: 'node' } },
      { alert: 'MaasHaReplayDelayed', on: { standby: 'node' } },
    ],
    summary: 'Standby {standby} is {value} s behind: a failover to it now goes back in time',
  },
  {
    name: 'MaasHaReplicationLagBytesHigh',
    severity: 'critical',
    metric: metrics.lagBytes,
    where: { stage: 'replay' },
    when: { above: 64 * 1024 * 1024 },
    clear: { below: 16 * 1024 * 1024 },
    for: seconds(120),
    inhibitedBy: [
      { alert: 'MaasHaReceiverSilent', on: { standby: 'node' } },
      { alert: 'MaasHaReplayPaused', on: { standby: 'node' } },
      { alert: 'MaasHaReplayDelayed', on: { standby: 'node' } },
      // The same in the terms that count: what the primary still keeps for it.
      { alert: 'MaasHaWalGap', on: { standby: 'standby' } },
      { alert: 'MaasHaWalRetentionLow', on: { standby: 'standby' } },
    ],
    summary: 'Standby {standby} is {value} bytes behind and may soon need to be rebuilt',
  },
  {
    name: 'MaasHaReceiverSilent',
    severity: 'warning',
    metric: metrics.receiverSilent,
    when: { above: 45 },
    for: seconds(0),
    // Its sender is another node: any of them that is down explains the silence.
    inhibitedBy: [{ alert: 'MaasHaPostgresDown' }, { alert: 'MaasHaNodeDown' }],
    summary: 'Standby {node} heard nothing from its primary for {value} s, though it is connected',
  },
  {
    name: 'MaasHaReplayPaused',
    severity: 'warning',
    metric: metrics.replayPaused,
    when: { equal: 1 },
    for: seconds(60),
    summary: 'Replay is paused on standby {node}: it falls further behind until it is resumed',
  },
  {
    name: 'MaasHaReplayDelayed',
    severity: 'info',
    metric: metrics.replayDelayed,
    when: { equal: 1 },
    for: seconds(0),
    summary: 'Standby {node} replays late on purpose (recovery_min_apply_delay)',
  },
  {
    name: 'MaasHaTimelinesDiffer',
    severity: 'warning',
    metric: metrics.timelinesAgree,
    when: { equal: 0 },
    for: seconds(30),
    inhibitedBy: [
      { alert: 'MaasHaTwoPrimaries' },
      { alert: 'MaasHaSystemIdentifierDiffers' },
      { alert: 'MaasHaHistoryDiverged' },
    ],
    summary: 'The PostgreSQL nodes are on different timelines: one does not follow the other',
  },
  {
    name: 'MaasHaSystemIdentifierDiffers',
    severity: 'critical',
    metric: metrics.systemsDiffer,
    when: { equal: 1 },
    for: seconds(0),
    summary: 'The PostgreSQL nodes are not copies of one database: replication is impossible',
  },
];
