import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addService } from '../cluster-services.ts';
import { CLUSTERS, paths, type Cluster } from '../plan.ts';
import { writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';

/* The time, as rack controllers of MAAS 2.2 and later serve it: chrony, which must not touch this machine's clock. */

/** Writes the settings of a cluster's server; it has to be restarted. `lost`: it has no time to give. */
export function writeNtp(cluster: Cluster, { lost = false } = {}): void {
  const directory = paths.daemon(cluster, 'ntp');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'chrony.conf'),
    `${lost ? '' : 'local stratum 10\n'}allow
cmdport 0
bindcmdaddress /
pidfile ${directory}/chronyd.pid
`,
  );
  // One that was killed leaves its pid behind, which may be another process by now.
  const before = `rm -f ${directory}/chronyd.pid\n`;
  writeDaemon(
    cluster,
    'ntp',
    [`/usr/sbin/chronyd -x -d -u root -f ${directory}/chrony.conf`],
    before,
  );
}

const service: LabService = {
  packages: ['chrony'],
  daemons: { cc1: ['ntp'], cc2: ['ntp'] },
  write() {
    for (const cluster of CLUSTERS) writeNtp(cluster);
  },
  configure({ clusters }) {
    for (const cluster of CLUSTERS) addService(clusters, cluster, 'ntp');
  },
};

export default service;
