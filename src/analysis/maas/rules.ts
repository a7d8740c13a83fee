import type { Because, Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import * as metrics from './metrics.ts';

/** The region reaches its database by way of the virtual address: without that it cannot refresh a row. */
const NO_WAY_TO_THE_DATABASE: readonly Because[] = [
  { alert: 'MaasHaFailover' },
  { alert: 'MaasHaVipUnreachable' },
  { alert: 'MaasHaVipSqlDown' },
  { alert: 'MaasHaVipSqlReadOnly' },
  { alert: 'MaasHaConnectionsExhausted' },
  { alert: 'MaasHaVipServiceDown', where: { service: 'pgpool' } },
  { alert: 'MaasHaPgpoolNoPrimary' },
  { alert: 'MaasHaPgpoolBackendHangs' },
  { alert: 'MaasHaNoPrimary' },
  { alert: 'MaasHaTwoPrimaries' },
];

export const databaseRules: readonly Rule[] = [
  {
    name: 'MaasHaRegionDetachedFromDatabase',
    severity: 'critical',
    metric: metrics.attached,
    when: { equal: 0 },
    for: seconds(120),
    // A region that is dead, or says itself that it has no event loops, is told by those.
    inhibitedBy: [
      ...NO_WAY_TO_THE_DATABASE,
      { alert: 'MaasHaVipServiceDown', where: { service: 'http' } },
      { alert: 'MaasHaRegionRpcDown' },
      { alert: 'MaasHaRegionRpcNoEventLoops' },
      { alert: 'MaasHaRegionStuckAfterFailover' },
    ],
    summary:
      'No process of the region refreshes this database: it is stuck, or writes to another one',
  },
  {
    name: 'MaasHaSerialSequenceWentBack',
    severity: 'critical',
    metric: metrics.zoneSerialBehind,
    when: { above: 0 },
    for: seconds(0),
    // It has reached the zones: one message, and the same repair.
    inhibitedBy: [{ alert: 'MaasHaDnsMasterRegressed' }],
    summary:
      'The sequence of zone serials went back by {value}: slaves will refuse what MAAS writes',
  },
  {
    name: 'MaasHaMaasComponentError',
    severity: 'warning',
    metric: metrics.ownErrors,
    when: { above: 0 },
    for: seconds(600),
    inhibitedBy: (
      [
        { alert: 'MaasHaRegionRpcDown' },
        { alert: 'MaasHaRegionRpcNoEventLoops' },
        { alert: 'MaasHaRegionDetachedFromDatabase' },
        { alert: 'MaasHaClusterUnreachable' },
        { alert: 'MaasHaAllClustersUnreachable' },
      ] as const
    ).map((cause) => ({ ...cause, only: { component: 'clusters' } })),
    summary: 'MAAS itself shows {value} error(s) about {component}',
  },
  {
    name: 'MaasHaRogueDhcp',
    severity: 'warning',
    metric: metrics.foreignDhcp,
    when: { above: 0 },
    for: seconds(120),
    // The monitor has heard that one itself, a moment ago: MAAS remembers longer.
    inhibitedBy: [{ alert: 'MaasHaDhcpRogueServer', on: { cluster: 'cluster' } }],
    summary:
      'A foreign DHCP server answers in {value} network(s) of {cluster}: machines boot wrongly',
  },
  {
    name: 'MaasHaRegionProcessesMissing',
    severity: 'warning',
    metric: metrics.processesMissing,
    when: { above: 0 },
    for: seconds(180),
    inhibitedBy: [
      { alert: 'MaasHaNodeDown', on: { node: 'node' } },
      { alert: 'MaasHaRegionDetachedFromDatabase' },
      ...NO_WAY_TO_THE_DATABASE,
    ],
    summary: '{node} lacks {value} of its region processes: clusters have fewer ways to the region',
  },
  {
    name: 'MaasHaMaasServiceDead',
    severity: 'warning',
    metric: metrics.serviceState,
    where: { state: 'dead' },
    when: { equal: 1 },
    for: seconds(120),
    inhibitedBy: [
      { alert: 'MaasHaFailover' },
      { alert: 'MaasHaNodeDown', on: { controller: 'node' } },
      { alert: 'MaasHaClusterUnreachable', on: { controller: 'cluster' } },
      { alert: 'MaasHaAllClustersUnreachable' },
      // MAAS calls services of a rack dead that it has lost the connection to, and the others unknown.
      { alert: 'MaasHaRackDisconnected', on: { controller: 'rack' } },
      { alert: 'MaasHaDhcpSilent', on: { controller: 'cluster' }, only: { service: 'dhcpd' } },
      {
        alert: 'MaasHaRegionProcessesMissing',
        on: { controller: 'node' },
        only: { service: 'regiond' },
      },
    ],
    summary: 'MAAS says that its service {service} on {controller} is dead',
  },
  {
    name: 'MaasHaMaasServiceDegraded',
    severity: 'info',
    metric: metrics.serviceState,
    where: { state: 'degraded' },
    when: { equal: 1 },
    for: seconds(300),
    inhibitedBy: [
      { alert: 'MaasHaNodeDown', on: { controller: 'node' } },
      {
        alert: 'MaasHaRackPartlyConnected',
        on: { controller: 'rack' },
        only: { service: 'rackd' },
      },
      {
        alert: 'MaasHaRegionProcessesMissing',
        on: { controller: 'node' },
        only: { service: 'regiond' },
      },
      // What a rack says of itself with half of its connections: its region lacks processes.
      { alert: 'MaasHaRegionProcessesMissing', only: { service: 'rackd' } },
    ],
    summary: 'MAAS says that its service {service} on {controller} is degraded',
  },
  {
    name: 'MaasHaDhcpRedundancyLost',
    severity: 'warning',
    metric: metrics.dhcpExposed,
    when: { above: 0 },
    for: seconds(300),
    inhibitedBy: [
      { alert: 'MaasHaFailover' },
      { alert: 'MaasHaRackDisconnected' },
      { alert: 'MaasHaAllRacksDisconnected' },
      { alert: 'MaasHaClusterUnreachable' },
      { alert: 'MaasHaAllClustersUnreachable' },
      { alert: 'MaasHaRegionDetachedFromDatabase' },
    ],
    summary: '{value} VLAN(s) with DHCP have lost a rack that is to serve them',
  },
  {
    name: 'MaasHaMaasVersionSkew',
    severity: 'warning',
    metric: metrics.versions,
    when: { above: 1 },
    // An upgrade takes its time, node by node.
    for: seconds(3600),
    summary: 'The controllers run {value} different versions of MAAS: racks of another are refused',
  },
  {
    name: 'MaasHaRegionAddressClaimedTwice',
    severity: 'warning',
    metric: metrics.claimedTwice,
    when: { above: 0 },
    for: seconds(300),
    inhibitedBy: [
      { alert: 'MaasHaFailover' },
      { alert: 'MaasHaVipDuplicate' },
      { alert: 'MaasHaVipTwoOwners' },
      { alert: 'MaasHaWatchdogTwoLeaders' },
    ],
    summary:
      'Two region controllers claim the same {value} address(es): MAAS hides them from racks',
  },
];
