import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addService } from '../cluster-services.ts';
import { tryRunIn } from '../net.ts';
import { ADDRESS, CLUSTERS, paths, type Cluster } from '../plan.ts';
import { writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';

/* What machines of a cluster load first: tftpd-hpa with a stand-in for the boot loader. */

const LOADER = 'pxelinux.0';

/** The folder that a cluster serves, and the boot loader in it. */
export const loaderOf = (cluster: Cluster): string =>
  join(paths.daemon(cluster, 'tftpd'), 'files', LOADER);

/** Longer than one block, as the real one. */
export const writeLoader = (cluster: Cluster): void => {
  writeFileSync(loaderOf(cluster), Buffer.alloc(26_140, 'PXELINUX '), { mode: 0o644 });
};

async function servesLoader(cluster: Cluster): Promise<readonly string[]> {
  const url = `tftp://${ADDRESS[cluster]}/${LOADER}`;
  const argv = ['curl', '-s', '-m', '2', '-o', '/dev/null', '-w', '%{size_download}', url];
  const { stdout } = await tryRunIn('mon', argv, { timeout: 4_000 });
  return stdout.trim() === '26140' ? [] : [`${cluster} does not serve ${LOADER} by TFTP`];
}

const tftpd: LabService = {
  packages: ['tftpd-hpa'],
  daemons: { cc1: ['tftpd'], cc2: ['tftpd'] },
  write: () => {
    for (const cluster of CLUSTERS) {
      const folder = join(paths.daemon(cluster, 'tftpd'), 'files');
      mkdirSync(folder, { recursive: true });
      writeDaemon(cluster, 'tftpd', [
        `/usr/sbin/in.tftpd --foreground --user nobody --address 0.0.0.0:69 --secure ${folder}`,
      ]);
      writeLoader(cluster);
    }
  },
  look: async () => (await Promise.all(CLUSTERS.map(servesLoader))).flat(),
  configure: ({ clusters }) => {
    for (const cluster of CLUSTERS) addService(clusters, cluster, 'tftp');
  },
};

export default tftpd;
