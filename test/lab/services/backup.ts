import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tryRunIn } from '../net.ts';
import { ADDRESS, paths, UUID, VIP, type Cluster } from '../plan.ts';
import { start, stop, writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';

/*
 * A backup of each cluster controller, made by a job on it that runs every few seconds: of cc1 the file that
 * MAAS 1.5 to 1.8 keeps the UUID in, where the monitor can read it; of cc2 a line of JSON on a web server of gw.
 */

const PORT = 8081;
const folder = (): string => join(paths.root, 'backups');

/** Where the backup of a cluster lies. */
const placeOf = (cluster: Cluster): string =>
  cluster === 'cc1'
    ? join(folder(), 'cc1', 'maas_cluster.conf')
    : join(folder(), 'www', 'cc2', 'backup.json');

const contentOf = (cluster: Cluster, uuid: string, at: string): string =>
  cluster === 'cc1'
    ? `MAAS_URL=http://${VIP}/MAAS\nCLUSTER_UUID="${uuid}"\n`
    : `{"uuid": "${uuid}", "at": ${at}}\n`;

function writeJob(cluster: Cluster): void {
  const place = placeOf(cluster);
  mkdirSync(dirname(place), { recursive: true });
  const job = join(paths.daemon(cluster, 'backup'), 'job.sh');
  writeDaemon(cluster, 'backup', ['sh', job]);
  // What replaces the copy is whole before it does.
  writeFileSync(
    job,
    `while :; do
cat > '${place}.new' <<END
${contentOf(cluster, UUID[cluster], '$(date +%s)')}END
mv '${place}.new' '${place}'
sleep 2
done
`,
  );
}

/** Ends the job of a cluster, and leaves this as its backup; with undefined, none. */
export async function leaveBackup(
  cluster: Cluster,
  left: { readonly text?: string; readonly uuid?: string; readonly age?: number } | undefined,
): Promise<void> {
  await stop(cluster, 'backup');
  const place = placeOf(cluster);
  if (left === undefined) {
    rmSync(place, { force: true });
    return;
  }
  const at = Math.floor(Date.now() / 1000 - (left.age ?? 0));
  const uuid = left.uuid ?? UUID[cluster];
  writeFileSync(place, left.text ?? contentOf(cluster, uuid, String(at)));
  utimesSync(place, at, at);
}

/** Lets the job of a cluster run again. */
export const resumeBackup = (cluster: Cluster): Promise<string> => start(cluster, 'backup');

async function serves(): Promise<readonly string[]> {
  const argv = ['curl', '-sf', '-m', '2', urlOf()];
  const { stdout } = await tryRunIn('mon', argv, { timeout: 4_000 });
  return stdout.includes(UUID.cc2) ? [] : ['the backup of cc2 is not served'];
}

const urlOf = (): string => `http://${ADDRESS.gw}:${PORT}/cc2/backup.json`;

const backup: LabService = {
  daemons: { cc1: ['backup'], cc2: ['backup'], gw: ['backup-http'] },
  write: () => {
    writeJob('cc1');
    writeJob('cc2');
    writeDaemon('gw', 'backup-http', [
      '/usr/bin/python3 -m http.server',
      `${PORT} --bind ${ADDRESS.gw} --directory '${join(folder(), 'www')}'`,
    ]);
  },
  look: serves,
  configure: ({ clusters }) => {
    for (const cluster of clusters) {
      if (cluster['name'] === 'cc1') cluster['backup'] = { file: placeOf('cc1'), max_age: '26h' };
      if (cluster['name'] === 'cc2') cluster['backup'] = { url: urlOf(), max_age: '26h' };
    }
  },
};

export default backup;
