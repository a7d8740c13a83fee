import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addService } from '../cluster-services.ts';
import {
  ADDRESS,
  CLUSTERS,
  legOf,
  NODES,
  paths,
  SEGMENTS,
  type Cluster,
  type Host,
} from '../plan.ts';
import { writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';

/*
 * ISC's dhcpd of each cluster, on a segment of its own, with what MAAS writes into its dhcpd.conf and the operator's
 * change to the template: both slave DNS servers are handed out. MAAS does not declare it authoritative, and
 * so cc1's is silent to DHCPINFORM; cc2's is authoritative, as some operators make it.
 */

interface Settings {
  /** Addresses that are handed out as DNS servers. */
  readonly dns?: readonly string[];
  /** Whether its control port is open. */
  readonly omapi?: boolean;
}

const BOTH = NODES.map((node) => ADDRESS[node]);

/** Writes the settings of a cluster's server; it has to be restarted. */
export function writeDhcpd(cluster: Cluster, { dns = BOTH, omapi = true }: Settings = {}): void {
  const { address } = legOf(cluster, cluster);
  const control = omapi ? 'omapi-port 7911;\n' : '';
  const own = cluster === 'cc2' ? 'authoritative;\n' : '';
  writeServer(cluster, 'dhcpd', cluster, {
    head: `${control}${own}`,
    options: `option routers ${address};
  option domain-name-servers ${dns.join(', ')};
  option domain-name "maas4";
  next-server ${address};
  range ${SEGMENTS[cluster].prefix}.100 ${SEGMENTS[cluster].prefix}.150;`,
  });
}

/** A server on cc1's segment that nobody wanted there; it is started by a fault. */
export function writeRogue(): void {
  const { address } = legOf('gw', 'cc1');
  const { prefix } = SEGMENTS.cc1;
  writeServer('gw', 'dhcpd-rogue', 'cc1', {
    head: '',
    options: `option routers ${address};
  option domain-name-servers ${address};
  range ${prefix}.200 ${prefix}.210;`,
  });
}

function writeServer(
  host: Host,
  name: string,
  cluster: Cluster,
  { head, options }: { readonly head: string; readonly options: string },
): void {
  const directory = paths.daemon(host, name);
  const { device } = legOf(host, cluster);
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'dhcpd.conf'),
    `option arch code 93 = unsigned integer 16;
ddns-update-style none;
default-lease-time 600;
max-lease-time 600;
${head}subnet ${SEGMENTS[cluster].prefix}.0 netmask 255.255.255.0 {
  ignore-client-uids true;
  option subnet-mask 255.255.255.0;
  ${options}
}
`,
  );
  const files = `-cf ${directory}/dhcpd.conf -lf ${directory}/leases --no-pid`;
  // It must find its file of leases, and logs to where it was started from.
  writeDaemon(
    host,
    name,
    [`/usr/sbin/dhcpd -4 -f -d ${files} ${device}`],
    `touch ${directory}/leases\n`,
  );
}

const service: LabService = {
  packages: ['isc-dhcp-server'],
  daemons: { cc1: ['dhcpd'], cc2: ['dhcpd'] },
  write() {
    for (const cluster of CLUSTERS) writeDhcpd(cluster);
  },
  configure({ clusters }) {
    for (const cluster of CLUSTERS) {
      const section = clusters.find(({ name }) => name === cluster);
      if (section === undefined) continue;
      const { device } = legOf('mon', cluster);
      section['segment'] = { interface: device, servers: [legOf(cluster, cluster).address] };
      addService(clusters, cluster, 'dhcp');
      addService(clusters, cluster, 'omapi');
    }
  },
};

export default service;
