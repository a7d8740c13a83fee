import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OUTSIDE_NAME } from '../dns.ts';
import { tryRunIn } from '../net.ts';
import { ADDRESS, NODES, paths, peer, SUBNET, VIP, type Node } from '../plan.ts';
import { source, writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';

/*
 * The caching proxy on each node, and the web server beyond the gateway that it fetches from. MAAS has
 * 3128 for redirected connections (`transparent`); here both ports are asked by name, as in the operator's
 * set-up, for a squid without NAT rules hangs on such a port after the first connection.
 */

const PORTS = [8000, 3128] as const;
/** Where the name that only the resolver beyond the gateway knows leads to. */
const ORIGIN = '192.0.2.80';
const CONTENT = 'a small object of the lab';
const OBJECT = `http://${OUTSIDE_NAME}/maasha.txt`;

const cacheOf = (node: Node): string => join(paths.daemon(node, 'squid'), 'cache');
const contentFile = (): string => join(paths.daemon('gw', 'origin'), 'content');

/** Writes what the origin serves: at once, for it reads the file each time. */
export const writeContent = (content = CONTENT): void => {
  writeFileSync(contentFile(), `${content}\n`);
};

interface Settings {
  /** Whose requests are served. */
  readonly allowed?: string;
  /** Where it looks names up: as every server of the site, at both slaves. */
  readonly resolvers?: readonly string[];
}

/** Writes the settings of a node's proxy; it has to be restarted. */
export function writeSquid(node: Node, settings: Settings = {}): void {
  const directory = paths.daemon(node, 'squid');
  const cache = cacheOf(node);
  const squid = `squid -n ${node} -f ${directory}/squid.conf -N`;
  mkdirSync(cache, { recursive: true });
  writeDaemon(
    node,
    'squid',
    [`unshare --mount sh -c 'mount -t tmpfs tmpfs /dev/shm; exec ${squid} -d 1'`],
    // On-link, for nothing here has a router. Its shared memory has the same name in every lab: a /dev/shm of its own.
    `ip route replace ${ORIGIN}/32 dev eth0
chown -R proxy: ${cache}
[ -d ${cache}/00 ] || unshare --mount sh -c 'mount -t tmpfs tmpfs /dev/shm; exec ${squid} -z'
`,
  );
  writeFileSync(join(directory, 'squid.conf'), squidSettings(node, settings));
}

const squidSettings = (
  node: Node,
  { allowed = SUBNET, resolvers = [ADDRESS[node], ADDRESS[peer(node)]] }: Settings,
) => `
${PORTS.map((port) => `http_port ${port}`).join('\n')}
visible_hostname ${node}
pid_filename none
cache_effective_user proxy
acl machines src ${allowed}
acl web port 80 443
http_access deny !web
http_access allow machines
http_access deny all
dns_nameservers ${resolvers.join(' ')}
cache_dir ufs ${cacheOf(node)} 16 4 4
cache_mem 8 MB
# Packages never change under one name; lists do.
refresh_pattern \\.u?deb$ 129600 100% 129600
refresh_pattern (Release|Packages)(\\.gz|\\.xz)?$ 0 20% 4320
refresh_pattern . 0 20% 4320
access_log none
cache_log /dev/null
coredump_dir ${paths.daemon(node, 'squid')}
shutdown_lifetime 0 seconds
pinger_enable off
`;

function write(): void {
  for (const node of NODES) writeSquid(node);
  writeDaemon(
    'gw',
    'origin',
    [`/usr/bin/python3 -B -u '${source('origin.py')}' ${ORIGIN} ${contentFile()}`],
    `ip addr replace ${ORIGIN}/32 dev eth0\n`,
  );
  writeContent();
}

/** What each proxy lacks: it must really fetch the object. */
async function look(): Promise<readonly string[]> {
  const places = [VIP, ...NODES.map((node) => ADDRESS[node])].flatMap((host) =>
    PORTS.map((port) => `${host}:${port}`),
  );
  const missing = await Promise.all(places.map(proxyProblems));
  return missing.flat();
}

async function proxyProblems(place: string): Promise<readonly string[]> {
  // Fresh: what a fault served may be kept for an hour.
  const fresh = ['-H', 'Cache-Control: no-cache'];
  const argv = ['curl', '-sS', '-m', '4', ...fresh, '-x', `http://${place}`, OBJECT];
  const { stdout } = await tryRunIn('mon', argv, { timeout: 6_000 });
  return stdout.includes(CONTENT) ? [] : [`the proxy at ${place} does not fetch ${OBJECT}`];
}

const service: LabService = {
  packages: ['squid', 'curl', 'iproute2', 'python3'],
  daemons: { rc1: ['squid'], rc2: ['squid'], gw: ['origin'] },
  write,
  restarts: ['squid'],
  look,
  configure(region) {
    region['proxy'] = { ports: [...PORTS], object: OBJECT, expect: CONTENT };
  },
};

export default service;
