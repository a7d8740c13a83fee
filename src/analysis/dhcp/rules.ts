import { gauge } from '../../core/metric.ts';
import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';

/* What machines of a cluster's segment are told by DHCP, and by whom. */

export const answers = gauge({
  name: 'maasha_dhcp_server_answers',
  help: "Whether this DHCP server answered the monitor's question on the cluster's segment (1) or not (0).",
  labels: ['cluster', 'server'],
});
export const dnsMissing = gauge({
  name: 'maasha_dhcp_dns_missing',
  help: 'DNS servers that machines of the segment are to be given and that this DHCP server does not hand out (option 6); 0 is right.',
  labels: ['cluster', 'server'],
});
export const strangers = gauge({
  name: 'maasha_dhcp_rogue_servers',
  help: "DHCP servers that are not configured and that answered on the cluster's segment when the monitor last asked all of them, at most 5 minutes ago; 0 is right.",
  labels: ['cluster'],
});

const byCluster = [
  { alert: 'MaasHaClusterUnreachable', on: { cluster: 'cluster' } },
  { alert: 'MaasHaAllClustersUnreachable' },
];

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaDhcpRogueServer',
    severity: 'critical',
    metric: strangers,
    when: { above: 0 },
    for: seconds(0),
    confirm: true,
    summary:
      'A foreign DHCP server answers on the segment of {cluster}: machines there get wrong addresses, DNS and boot files',
  },
  {
    name: 'MaasHaDhcpSilent',
    severity: 'warning',
    metric: answers,
    when: { equal: 0 },
    // Two looks: a broadcast is not repeated, and may be lost.
    for: seconds(60),
    inhibitedBy: byCluster,
    summary:
      'DHCP server {server} does not answer on the segment of {cluster}: machines there cannot boot, and lose their addresses with their leases',
  },
  {
    name: 'MaasHaDhcpDnsIncomplete',
    severity: 'warning',
    metric: dnsMissing,
    when: { above: 0 },
    for: seconds(60),
    summary:
      'DHCP server {server} on the segment of {cluster} does not hand out {value} of the DNS servers: machines stand without names when the others fail',
  },
];
