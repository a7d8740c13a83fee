import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryRunIn } from '../net.ts';
import { ADDRESS, NODES, paths, type Node } from '../plan.ts';
import { writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';
import { until } from '../shell.ts';

/*
 * The web server of both nodes, before the region's stand-in as before MAAS 1.8 and 1.9: it passes /MAAS/ on,
 * serves the node's name itself, and says to the monitor how long it runs.
 */

const MODULES = ['mpm_event', 'authz_core', 'authz_host', 'alias', 'proxy', 'proxy_http', 'status'];

const BACKEND = 'ProxyPass /MAAS/ http://127.0.0.1:5240/MAAS/ retry=0 disablereuse=on nocanon';

const LOGIN = {
  here: '',
  elsewhere: 'ProxyPass /MAAS/accounts/ !\nRedirect /MAAS/accounts/ http://portal.invalid/\n',
} as const;

/** Writes the settings of a node's web server; it has to be restarted. */
export function writeApache(node: Node, login: keyof typeof LOGIN = 'here'): void {
  const directory = paths.daemon(node, 'apache');
  const argv = [`/usr/sbin/apache2 -d ${directory} -f ${directory}/apache.conf -DFOREGROUND`];
  // One that was killed leaves its pid behind, which may be another process by now.
  writeDaemon(node, 'apache', argv, `rm -f ${directory}/apache.pid\n`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'node'), `${node}\n`);
  writeFileSync(
    join(directory, 'apache.conf'),
    `${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
DefaultRuntimeDir ${directory}
PidFile ${directory}/apache.pid
ErrorLog /dev/stderr
User www-data
Group www-data
ServerName ${node}
Listen 0.0.0.0:80
StartServers 1
ThreadsPerChild 25
DocumentRoot ${directory}
<Directory ${directory}>
  Require all denied
</Directory>
<Files node>
  ForceType text/plain
  Require all granted
</Files>
Alias /node ${directory}/node
${LOGIN[login]}${BACKEND}
<Location /server-status>
  SetHandler server-status
  Require ip ${ADDRESS.mon}
</Location>
`,
  );
}

/** Waits until the web server of a node has nobody behind it. */
export async function nobodyListens(node: Node): Promise<void> {
  const argv = ['curl', '-s', '-m', '2', '-o', '/dev/null', 'http://127.0.0.1:5240/MAAS/'];
  const gone = await until(5_000, async () => {
    const { code } = await tryRunIn(node, argv, { timeout: 4_000 });
    return code === REFUSED ? true : undefined;
  });
  if (gone === undefined) throw new Error(`the region of ${node} goes on serving pages`);
}

/** What curl exits with where nobody listens. */
const REFUSED = 7;

async function servesMarker(node: Node): Promise<readonly string[]> {
  const argv = ['curl', '-s', '-m', '2', `http://${ADDRESS[node]}/node`];
  const { stdout } = await tryRunIn('mon', argv, { timeout: 4_000 });
  return stdout.trim() === node ? [] : [`the web server of ${node} does not serve its name`];
}

const apache: LabService = {
  packages: ['apache2'],
  daemons: { rc1: ['apache'], rc2: ['apache'] },
  write: () => {
    for (const node of NODES) writeApache(node);
  },
  restarts: ['apache'],
  look: async () => (await Promise.all(NODES.map(servesMarker))).flat(),
  configure: (region) => {
    region['app'] = { status_path: '/server-status' };
  },
};

export default apache;
