import { existsSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { run, tryRun, type Ran, type RunOptions } from './shell.ts';
import {
  ADDRESS,
  CLUSTERS,
  GATEWAYS,
  HOSTS,
  namespace,
  paths,
  PORT,
  PREFIX,
  SEGMENTS,
  VIP,
  type Cluster,
  type Host,
  type Leg,
  type Node,
} from './plan.ts';

/*
 * The lab's network: one switch namespace with a bridge, one namespace a host, a veth pair between.
 * Every link is made inside these namespaces, so the machine's own network never sees one.
 */

const netnsFile = (host: Host | 'sw') => `/run/netns/${namespace(host)}`;

/** MAC of an address: 02:00, and the address's own bytes. */
const mac = (address: string) =>
  [
    '02',
    '00',
    ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0')),
  ].join(':');

/** The argv that runs a command in a host's network, under the host's name, with its own IPC. */
export const inside = (host: Host, argv: readonly string[]): string[] => [
  'nsenter',
  `--net=${netnsFile(host)}`,
  'unshare',
  '--uts',
  '--ipc',
  'sh',
  '-c',
  `hostname ${host} && exec "$@"`,
  'sh',
  ...argv,
];

/** Runs a command in a host's network; the code tells how it went. */
export const tryRunIn = (
  host: Host,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<Ran> => tryRun(['nsenter', `--net=${netnsFile(host)}`, '--', ...argv], options);

/** As `tryRunIn`, for what must succeed. */
export const runIn = (
  host: Host,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<string> => run(['nsenter', `--net=${netnsFile(host)}`, '--', ...argv], options);

/** Makes the switch and all hosts, with addresses and links up. */
export async function createNetwork(): Promise<void> {
  await run(['ip', '-batch', '-'], {
    input: (['sw', ...HOSTS] as const).map((host) => `netns add ${namespace(host)}\n`).join(''),
  });
  // The bridge's alias says whose lab this is: the namespaces have one name for the whole machine.
  await batch('sw', ['link add br0 type bridge', 'link set br0 up']);
  await run(['ip', '-n', namespace('sw'), 'link', 'set', 'br0', 'alias', paths.root]);
  await run(['ip', '-batch', '-'], {
    input: HOSTS.map(
      (host) =>
        `link add name eth0 address ${mac(ADDRESS[host])} netns ${namespace(host)} ` +
        `type veth peer name ${host} netns ${namespace('sw')}\n`,
    ).join(''),
  });
  await batch(
    'sw',
    HOSTS.map((host) => `link set ${host} master br0 up`),
  );
  await Promise.all(HOSTS.map((host) => batch(host, hostLines(host))));
  for (const cluster of CLUSTERS) await createSegment(cluster);
}

/** A switch of its own, and a leg of every host that is on it. */
async function createSegment(cluster: Cluster): Promise<void> {
  const { bridge, legs } = SEGMENTS[cluster];
  await batch('sw', [`link add ${bridge} type bridge`, `link set ${bridge} up`]);
  await run(['ip', '-batch', '-'], {
    input: legs
      .map(
        (leg) =>
          `link add name ${leg.device} address ${mac(leg.address)} netns ${namespace(leg.host)} ` +
          `type veth peer name ${portOf(leg)} netns ${namespace('sw')}\n`,
      )
      .join(''),
  });
  await batch(
    'sw',
    legs.map((leg) => `link set ${portOf(leg)} master ${bridge} up`),
  );
  for (const { host, device, address } of legs)
    await batch(host, [`addr add ${address}/24 brd + dev ${device}`, `link set ${device} up`]);
}

/** The switch's end of a leg. */
const portOf = ({ host, device }: Leg): string => `${host}-${device}`;

function hostLines(host: Host): string[] {
  const lines = [
    'link set lo up',
    `addr add ${ADDRESS[host]}/24 brd + dev eth0`,
    'link set eth0 up',
  ];
  return host === 'gw' ? [...lines, `addr add ${GATEWAYS[1]}/24 dev eth0`] : lines;
}

const batch = (host: Host | 'sw', lines: readonly string[]) =>
  run(['ip', '-n', namespace(host), '-batch', '-'], { input: lines.join('\n') + '\n' });

/** Deletes all of the lab's namespaces; a link dies with its namespace. */
export async function deleteNetwork(): Promise<void> {
  await Promise.all(
    namespaces().map((name) => tryRun(['ip', 'netns', 'del', name], { timeout: 5_000 })),
  );
}

/** Names of the namespaces that exist and are the lab's. */
export const namespaces = (): string[] =>
  existsSync('/run/netns')
    ? readdirSync('/run/netns').filter((name) => name.startsWith(PREFIX))
    : [];

/** The kernel's identities of the lab's network namespaces, as /proc/PID/ns/net shows them. */
export const networkIds = (): Set<string> =>
  new Set(namespaces().map((name) => `net:[${statSync(`/run/netns/${name}`).ino}]`));

/** Whether process `pid` lives in one of `networks`. */
export function livesIn(pid: number, networks: ReadonlySet<string>): boolean {
  try {
    return networks.has(readlinkSync(`/proc/${pid}/ns/net`));
  } catch {
    return false;
  }
}

/** The state directory of the lab that runs on this machine; undefined when none does. */
export async function owner(): Promise<string | undefined> {
  if (!namespaces().includes(namespace('sw'))) return undefined;
  const ran = await tryRun(['ip', '-n', namespace('sw'), 'link', 'show', 'br0']);
  return /alias (.+)/.exec(ran.stdout)?.[1]?.trim();
}

export async function holdsVip(node: Node): Promise<boolean> {
  const ran = await tryRun(['ip', '-n', namespace(node), '-o', 'addr', 'show', 'to', VIP]);
  return ran.stdout.includes(VIP);
}

/** Takes the virtual address from a host by hand. */
export const dropVip = (node: Host): Promise<Ran> =>
  tryRun(['ip', '-n', namespace(node), 'addr', 'del', `${VIP}/32`, 'dev', 'eth0']);

export const setLink = (host: Host, state: 'up' | 'down', device = 'eth0'): Promise<string> =>
  run(['ip', '-n', namespace(host), 'link', 'set', device, state]);

/** Gives the virtual address to a host by hand, under the label that pgpool's script uses. */
export const addVip = (node: Host): Promise<Ran> =>
  tryRun([
    ...['ip', '-n', namespace(node), 'addr', 'add', `${VIP}/32`],
    ...['dev', 'eth0', 'label', 'eth0:0'],
  ]);

/** Cuts a host off from maas-dns, and from nothing else: packets to VIP:5353 vanish. */
export const cutMaster = (host: Host): Promise<void> => masterRules(host, 'add');
export const joinMaster = (host: Host): Promise<void> => masterRules(host, 'del');

async function masterRules(host: Host, action: 'add' | 'del'): Promise<void> {
  for (const protocol of ['udp', 'tcp']) {
    const match = `to ${VIP} ipproto ${protocol} dport ${PORT.master}`;
    // Priority 0 is the table of local addresses: this works on hosts that do not hold the address.
    await run([
      'sh',
      '-c',
      `ip -n ${namespace(host)} rule ${action} ${match} priority 100 blackhole`,
    ]);
  }
}
