import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryRunIn } from './net.ts';
import { ADDRESS, GATEWAYS, NODES, paths, PORT, VIP, ZONES, type Node } from './plan.ts';
import { writeDaemon } from './processes.ts';

/*
 * DNS: maas-dns (the master, on the virtual address) and a slave on each node, BIND all of them, and a
 * resolver beyond the gateway that plays the Internet. Each node has zone files of its own, as in
 * the operator's set-up: a failover can make serials go backwards.
 */

export type Serials = Readonly<Partial<Record<string, number>>>;

const FIRST_SERIAL = 100;

/** What machines ask their slave DNS for, and only the resolver beyond the gateway knows. */
export const OUTSIDE_NAME = 'www.example.org';

/** The lab's named: a copy, because AppArmor's profile for Debian's own allows /etc/bind only. */
const named = () => join(paths.shared, 'named');

/** Writes the master and the slave of a node. */
export function writeDns(node: Node): void {
  const master = paths.daemon(node, 'maas-dns');
  writeMaster(node);
  for (const zone of ZONES) writeFileSync(zoneFile(node, zone), zoneText(zone, FIRST_SERIAL));
  mkdirSync(join(master, 'keys'), { recursive: true });
  writeSlave(node);
}

/** Writes the master's settings; without the virtual address it is deaf to everybody. */
export const writeMaster = (node: Node, { listens = VIP } = {}): void => {
  writeNamed(node, 'maas-dns', masterSettings(node, listens));
};

interface SlaveSettings {
  readonly zones?: readonly string[];
  /** Where it asks for all names that are in none of its zones. */
  readonly forwarder?: string;
  /** For whom it does that; an address list of BIND. */
  readonly resolvesFor?: string;
}

/** Writes the slave's settings; it has to be restarted. */
export const writeSlave = (node: Node, changes: SlaveSettings = {}): void => {
  writeNamed(node, 'slave-dns', slaveSettings(node, changes));
};

/** Writes the resolver at the gateway: a root of its own, in which nothing else exists. */
export function writeUpstream(): void {
  const directory = paths.daemon('gw', 'upstream-dns');
  writeNamed('gw', 'upstream-dns', upstreamSettings());
  writeFileSync(
    join(directory, 'root.zone'),
    `$TTL 300\n. IN SOA . nobody.example.com. 1 3600 600 86400 300\n. IN NS .\n` +
      // Short-lived, so that nobody is answered from a cache for long.
      `. IN A ${GATEWAYS[0]}\n${OUTSIDE_NAME}. 2 IN A 192.0.2.80\n`,
  );
}

function writeNamed(
  host: Node | 'gw',
  name: 'maas-dns' | 'slave-dns' | 'upstream-dns',
  settings: string,
): void {
  const directory = paths.daemon(host, name);
  writeDaemon(host, name, [`${named()} -g -n 1 -c ${directory}/named.conf`]);
  const options = `
options {
  directory "${directory}";
  pid-file none;
  session-keyfile none;
  hostname "${host}";
  listen-on-v6 { none; };
  allow-query { any; };
  dnssec-validation no;
  qname-minimization off;
  notify no;
`;
  // No control channel: 953 is one port, and a node has two servers.
  writeFileSync(join(directory, 'named.conf'), `controls { };${options}${settings}`);
}

// Like the BIND of the operator's time, this one does not look for new addresses: it has to be
// restarted (or reloaded) when the virtual address comes, which is pgpool's hook's work.
const masterSettings = (node: Node, listens: string) => `
  listen-on port ${PORT.master} { ${listens}; 127.0.0.1; };
  automatic-interface-scan no;
  interface-interval 0;
  recursion yes;
  allow-recursion { any; };
  forward only;
  forwarders { ${GATEWAYS[0]}; };
};
${ZONES.map((zone) => `zone "${zone}" { type master; file "${zoneFile(node, zone)}"; };`).join('\n')}
`;

const slaveSettings = (
  node: Node,
  { zones = ZONES, forwarder = VIP, resolvesFor = 'any' }: SlaveSettings,
) => `
  listen-on port ${PORT.slave} { ${ADDRESS[node]}; };
  automatic-interface-scan no;
  recursion yes;
  allow-recursion { ${resolvesFor}; };
  // The operator's slaves give zones to nobody; whoever wants them compared allows the monitor.
  allow-transfer { ${ADDRESS.mon}; };
  forward only;
  forwarders { ${forwarder} port ${PORT.master}; };
  // BIND would not ask again before 500 s whatever the zone says.
  min-refresh-time 5;
  min-retry-time 2;
  max-retry-time 5;
};
${zones
  .map(
    (zone) =>
      `zone "${zone}" { type slave; file "${zone}.copy"; ` +
      `masters { ${VIP} port ${PORT.master}; }; };`,
  )
  .join('\n')}
`;

const upstreamSettings = () => `
  listen-on port 53 { ${GATEWAYS[0]}; };
  recursion no;
};
zone "." { type master; file "root.zone"; };
`;

const zoneFile = (node: Node, zone: string) => join(paths.daemon(node, 'maas-dns'), `zone.${zone}`);

// MAAS's template, with refresh 600, retry 1800 and expire 604800 made short.
const zoneText = (zone: string, serial: number, more = '') => `
$TTL 300
$ORIGIN ${zone}.
@ IN SOA ${zone}. nobody.example.com. ( ${serial} 15 5 180 300 )
@ IN NS maas3.
${zone.endsWith('.arpa') ? '40 IN PTR mon.maas3.' : `@ IN A ${VIP}\nmon IN A ${ADDRESS.mon}`}
${more}
`;

/** Writes a zone with a new serial, and maybe more records, on one node; its master has to be reloaded. */
export const writeZone = (node: Node, zone: string, serial: number, more = ''): void => {
  writeFileSync(zoneFile(node, zone), zoneText(zone, serial, more));
};

/** The serial that a zone file has, served or not. */
export const fileSerial = (node: Node, zone: string): number =>
  Number(/\( (\d+)/.exec(readFileSync(zoneFile(node, zone), 'utf8'))?.[1]);

/** Gives both nodes the higher serial of each zone; their masters have to be reloaded. */
export function levelZones(): void {
  for (const zone of ZONES) {
    const highest = Math.max(...NODES.map((node) => fileSerial(node, zone)));
    for (const node of NODES) writeZone(node, zone, highest);
  }
}

/** The serial of every zone that a server answers for with authority, asked from the monitor's host. */
export async function serials(address: string, port: number): Promise<Serials> {
  const questions = ZONES.flatMap((zone) => [zone, 'SOA']);
  const ran = await dig(address, port, ['+noall', '+answer', '+comments', '+norec', ...questions]);
  const found: Record<string, number> = {};
  for (const part of ran.split(/(?=;; Got answer)/)) {
    const soa = /^(\S+)\.\s+\d+\s+IN\s+SOA\s+\S+\s+\S+\s+(\d+)/m.exec(part);
    const authoritative = /flags: [a-z ]*\baa\b/.test(part);
    if (soa?.[1] !== undefined && authoritative) found[soa[1]] = Number(soa[2]);
  }
  return found;
}

/** The name that the server at the virtual address gives itself: which node answers there. */
export async function masterName(): Promise<string | undefined> {
  // Over TCP: BIND drops these questions by UDP, unanswered, above three a second from one network.
  const question = ['+tcp', '+short', 'hostname.bind', 'CH', 'TXT'];
  const answer = await dig(VIP, PORT.master, question);
  return /^"(\w+)"$/m.exec(answer)?.[1];
}

const dig = async (address: string, port: number, words: readonly string[]): Promise<string> => {
  const argv = ['dig', `@${address}`, '-p', String(port), '+time=1', '+tries=1', ...words];
  return (await tryRunIn('mon', argv, { timeout: 6_000 })).stdout;
};
