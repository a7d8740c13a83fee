import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addService } from '../cluster-services.ts';
import { tryRunIn } from '../net.ts';
import { ADDRESS, CLUSTERS, paths, type Cluster } from '../plan.ts';
import { writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';

/* The boot resources of a cluster: Apache2, as a cluster controller of MAAS 1.x is set up by its package. */

const MODULES = ['mpm_event', 'authz_core', 'alias', 'autoindex', 'dir', 'mime'];
const AT = '/MAAS/static/images';
const PAGE = 'maas.meta';

const urlOf = (cluster: Cluster): string => `http://${ADDRESS[cluster]}${AT}/${PAGE}`;

/** Writes the settings of a cluster's web server; it has to be restarted. `astray`: its front page only. */
export function writeBootHttp(cluster: Cluster, { astray = false } = {}): void {
  const directory = paths.daemon(cluster, 'boot-http');
  writeFileSync(
    join(directory, 'apache.conf'),
    `${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
DefaultRuntimeDir ${directory}
PidFile ${directory}/apache.pid
ErrorLog /dev/stderr
TypesConfig /dev/null
User www-data
Group www-data
ServerName ${cluster}
Listen 0.0.0.0:80
StartServers 1
ThreadsPerChild 25
DocumentRoot ${directory}/front
<Directory ${directory}>
  Options +Indexes
  Require all granted
</Directory>
${astray ? '' : `Alias ${AT} ${directory}/images`}
`,
  );
}

function write(cluster: Cluster): void {
  const directory = paths.daemon(cluster, 'boot-http');
  mkdirSync(join(directory, 'front'), { recursive: true });
  mkdirSync(join(directory, 'images', 'ubuntu'), { recursive: true });
  writeFileSync(join(directory, 'front', 'index.html'), '<h1>It works!</h1>\n');
  writeFileSync(join(directory, 'images', PAGE), '{"amd64": {"generic": {"trusty": "release"}}}\n');
  const argv = [`/usr/sbin/apache2 -d ${directory} -f ${directory}/apache.conf -DFOREGROUND`];
  // One that was killed leaves its pid behind, which may be another process by now.
  writeDaemon(cluster, 'boot-http', argv, `rm -f ${directory}/apache.pid\n`);
  writeBootHttp(cluster);
}

async function servesPage(cluster: Cluster): Promise<readonly string[]> {
  const argv = ['curl', '-sf', '-m', '2', urlOf(cluster)];
  const { stdout } = await tryRunIn('mon', argv, { timeout: 4_000 });
  return stdout.includes('amd64') ? [] : [`${cluster} does not serve its boot resources`];
}

const bootHttp: LabService = {
  packages: ['apache2'],
  daemons: { cc1: ['boot-http'], cc2: ['boot-http'] },
  write: () => {
    CLUSTERS.forEach(write);
  },
  look: async () => (await Promise.all(CLUSTERS.map(servesPage))).flat(),
  configure: ({ clusters }) => {
    addService(clusters, 'cc1', 'http');
    addService(clusters, 'cc2', 'http', { boot_url: urlOf('cc2') });
  },
};

export default bootHttp;
