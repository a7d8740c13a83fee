import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addService } from '../cluster-services.ts';
import { runIn, tryRunIn } from '../net.ts';
import { CLUSTERS, paths, type Cluster } from '../plan.ts';
import { writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';

/* The installation media of a cluster, as MAAS 1.x names them: tgt with one target, which is a small file. */

const TARGET = 'iqn.2004-05.com.ubuntu:maas:ephemeral-ubuntu-amd64-generic-trusty-release';
/** tgt hangs up on whoever looks for targets while it has none at all: it keeps this one. */
const OTHER = 'iqn.2004-05.com.ubuntu:maas:ephemeral-ubuntu-i386-generic-trusty-release';

/** Its control socket has one name for the whole machine, unless it is told another. */
const socket = (cluster: Cluster): string => join(paths.daemon(cluster, 'tgt'), 'socket');
const disk = (cluster: Cluster): string => join(paths.daemon(cluster, 'tgt'), 'disk');

const tgtadm = (mode: string, op: string, ...more: readonly string[]): string[] =>
  ['tgtadm', '--lld', 'iscsi', '--mode', mode, '--op', op].concat(more);

const offering = (name: string, tid: string, file: string): string[][] => [
  tgtadm('target', 'new', '--tid', tid, '-T', name),
  tgtadm('logicalunit', 'new', '--tid', tid, '--lun', '1', '-b', file),
  tgtadm('target', 'bind', '--tid', tid, '-I', 'ALL'),
];
const SHOW = tgtadm('target', 'show');

const control = (cluster: Cluster) => ({ env: { TGT_IPC_SOCKET: socket(cluster) } });

/** Takes the target away that machines want; the portal stays. */
export const withdrawTarget = (cluster: Cluster): Promise<string> =>
  runIn(cluster, tgtadm('target', 'delete', '--force', '--tid', '1'), control(cluster));

export async function offerTarget(cluster: Cluster): Promise<void> {
  for (const argv of offering(TARGET, '1', disk(cluster)))
    await runIn(cluster, argv, control(cluster));
}

/** tgtd begins with no target, and takes commands only once it runs. */
const before = (cluster: Cluster): string => `export TGT_IPC_SOCKET=${socket(cluster)}
rm -f ${socket(cluster)}*
(
  for _ in {1..100}; do ${SHOW.join(' ')} >/dev/null 2>&1 && break; sleep 0.1; done
${[...offering(TARGET, '1', disk(cluster)), ...offering(OTHER, '2', disk(cluster))]
  .map((argv) => `  ${argv.join(' ')}`)
  .join('\n')}
) &
`;

async function offersTarget(cluster: Cluster): Promise<readonly string[]> {
  const { stdout } = await tryRunIn(cluster, SHOW, { ...control(cluster), timeout: 4_000 });
  return stdout.includes(TARGET) ? [] : [`${cluster} offers no iSCSI target`];
}

const tgt: LabService = {
  packages: ['tgt'],
  daemons: { cc1: ['tgt'], cc2: ['tgt'] },
  write: () => {
    for (const cluster of CLUSTERS) {
      const directory = paths.daemon(cluster, 'tgt');
      mkdirSync(directory, { recursive: true });
      writeFileSync(disk(cluster), Buffer.alloc(1024 * 1024));
      writeDaemon(cluster, 'tgt', ['/usr/sbin/tgtd -f'], before(cluster));
    }
  },
  look: async () => (await Promise.all(CLUSTERS.map(offersTarget))).flat(),
  configure: ({ clusters }) => {
    addService(clusters, 'cc1', 'iscsi');
    addService(clusters, 'cc2', 'iscsi', { iscsi_target: TARGET });
  },
};

export default tgt;
