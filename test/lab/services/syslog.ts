import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addService } from '../cluster-services.ts';
import { CLUSTERS, paths, type Cluster } from '../plan.ts';
import { writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';

/* Where machines send their logs while they are installed: rsyslog, over TCP too on cc1, over UDP alone on cc2. */

const PORT = 514;
const INPUTS: Readonly<Record<Cluster, readonly string[]>> = { cc1: ['tcp', 'udp'], cc2: ['udp'] };

function write(cluster: Cluster): void {
  const directory = paths.daemon(cluster, 'syslog');
  mkdirSync(directory, { recursive: true });
  const inputs = INPUTS[cluster].map(
    (way) => `module(load="im${way}")\ninput(type="im${way}" port="${PORT}")\n`,
  );
  writeFileSync(
    join(directory, 'rsyslog.conf'),
    `global(workDirectory="${directory}")\n${inputs.join('')}action(type="omfile" file="${directory}/messages")\n`,
  );
  // It stays in its own directory (-C): the lab knows its processes by that.
  writeDaemon(cluster, 'syslog', [`/usr/sbin/rsyslogd -n -C -iNONE -f ${directory}/rsyslog.conf`]);
}

const service: LabService = {
  packages: ['rsyslog'],
  daemons: { cc1: ['syslog'], cc2: ['syslog'] },
  write() {
    CLUSTERS.forEach(write);
  },
  configure({ clusters }) {
    addService(clusters, 'cc1', 'syslog', { syslog_tcp_port: PORT });
    addService(clusters, 'cc2', 'syslog');
  },
};

export default service;
