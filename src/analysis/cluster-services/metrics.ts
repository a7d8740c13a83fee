import { SERVICE_STATES } from './service.ts';
import { gauge, stateset } from '../../core/metric.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

/* What is measured of the services of clusters, and what is bad about it. */

export const state = stateset({
  name: 'maasha_cluster_service_state',
  help: 'What a service of the cluster controller is like: serving, lacking (it answers, and has not what it is asked for), garbled (what answers breaks its protocol), refused, silent, or unheard (it never answers, and nothing refused it).',
  labels: ['cluster', 'service'],
  states: SERVICE_STATES,
});
export const up = gauge({
  name: 'maasha_cluster_service_up',
  help: 'Whether the service of the cluster controller answers the monitor in its own protocol (1), or refuses, is silent or answers something else (0).',
  labels: ['cluster', 'service'],
});
export const time = gauge({
  name: 'maasha_cluster_service_seconds',
  help: 'Time that the whole exchange with the service of the cluster controller took; absent where it did not answer.',
  labels: ['cluster', 'service'],
});
export const answering = gauge({
  name: 'maasha_cluster_services_answering',
  help: 'Services of the cluster controller that answer the monitor, of those that are asked; only where at least two are.',
  labels: ['cluster'],
});
export const serving = gauge({
  name: 'maasha_clusters_serving',
  help: 'Cluster controllers of which at least one of the services that are asked answers the monitor.',
  labels: [],
});

/** What is there or not for everybody: then a single service is not the news. */
const byHost = [
  { alert: 'MaasHaNoClusterServes' },
  { alert: 'MaasHaClusterUnreachable', on: { cluster: 'cluster' } },
  { alert: 'MaasHaAllClustersUnreachable' },
  { alert: 'MaasHaMonitorIsolated' },
];
/** Files that the cluster asks the region for come only while that answers. */
const byRegion = [
  { alert: 'MaasHaRegionRpcDown', only: { service: 'tftp' } },
  { alert: 'MaasHaFailover', only: { service: 'tftp' } },
  { alert: 'MaasHaClusterDisconnected', on: { cluster: 'cluster' }, only: { service: 'tftp' } },
];

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaClusterServiceDown',
    severity: 'warning',
    metric: up,
    when: { equal: 0 },
    // Longer than it takes to tell that the host is gone.
    for: seconds(150),
    inhibitedBy: [
      { alert: 'MaasHaClusterServesNothing', on: { cluster: 'cluster' } },
      // OMAPI is a port of the DHCP server.
      { alert: 'MaasHaDhcpSilent', on: { cluster: 'cluster' }, only: { service: 'omapi' } },
      ...byHost,
      ...byRegion,
    ],
    summary:
      'The service {service} of cluster controller {cluster} does not answer: its machines miss it when they boot or deploy',
  },
  {
    name: 'MaasHaClusterServiceLacking',
    severity: 'warning',
    metric: state,
    where: { state: 'lacking' },
    when: { equal: 1 },
    // While images are imported, files are exchanged.
    for: seconds(180),
    inhibitedBy: [...byHost, ...byRegion],
    summary:
      'The service {service} of cluster controller {cluster} answers, and does not have what machines ask it for',
  },
  {
    name: 'MaasHaClusterServesNothing',
    severity: 'warning',
    metric: answering,
    when: { equal: 0 },
    for: seconds(150),
    inhibitedBy: byHost,
    summary:
      'None of the services of cluster controller {cluster} answers: its machines can neither boot nor deploy',
  },
  {
    name: 'MaasHaNoClusterServes',
    severity: 'critical',
    metric: serving,
    when: { equal: 0 },
    for: seconds(90),
    inhibitedBy: [{ alert: 'MaasHaAllClustersUnreachable' }, { alert: 'MaasHaMonitorIsolated' }],
    summary: 'No service of any cluster controller answers: nothing can boot or deploy anywhere',
  },
];
