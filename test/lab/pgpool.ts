import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryRunIn } from './net.ts';
import {
  ADDRESS,
  GATEWAYS,
  NODES,
  PASSWORD,
  paths,
  peer,
  PORT,
  SUBNET,
  VIP,
  type Node,
} from './plan.ts';
import { start, stop, writeDaemon } from './processes.ts';
import { until, type Ran } from './shell.ts';

/* pgpool2 on both nodes, its watchdog with the virtual address, and its PCP port asked from outside. */

export type WatchdogView = {
  readonly state: string;
  readonly leader: string;
  readonly escalated: boolean;
  readonly quorum: string;
  /** State name of every member, by address. */
  readonly members: Readonly<Record<string, string>>;
};

export type Backend = { readonly status: string; readonly role: string; readonly pgRole: string };

const home = (node: Node) => paths.daemon(node, 'pgpool');

/** The number that pgpool gives a node. */
const nodeId = (node: Node): number => NODES.indexOf(node);

/** Writes a node's pgpool: settings, accounts, who may log in. */
export function writePgpool(node: Node): void {
  const directory = home(node);
  // Socket files of a killed pgpool stop the next one from starting.
  const clean = 'rm -f pgpool.pid sockets/.s.*\n';
  const files = `-f ${directory}/pgpool.conf -F ${directory}/pcp.conf -a ${directory}/pool_hba.conf`;
  writeDaemon(node, 'pgpool', [`pgpool -n ${files}`], clean);
  mkdirSync(join(directory, 'sockets'), { recursive: true });
  writeFileSync(join(directory, 'pgpool.conf'), settings(node));
  writeFileSync(join(directory, 'pgpool_node_id'), `${nodeId(node)}\n`);
  const pcpHash = createHash('md5').update(PASSWORD.pcp).digest('hex');
  writeFileSync(join(directory, 'pcp.conf'), `root:${pcpHash}\n`);
  const accounts = ['maas', 'maasha', 'pgpool', 'pgpool_sr'] as const;
  writeFileSync(
    join(directory, 'pool_passwd'),
    accounts.map((account) => `${account}:TEXT${PASSWORD[account]}\n`).join(''),
    { mode: 0o600 },
  );
  writeFileSync(join(directory, 'pool_hba.conf'), hostAccess);
}

// The fence: MAAS may come from the virtual address only, that is, from the active node.
const hostAccess = `
host maasdb maas   ${VIP}/32 scram-sha-256
host all    maasha ${SUBNET} scram-sha-256
host all    pgpool ${SUBNET} scram-sha-256
`;

const settings = (node: Node) => `
backend_clustering_mode = 'streaming_replication'
listen_addresses = '*'
port = ${PORT.pgpool}
pcp_listen_addresses = '*'
pcp_port = ${PORT.pcp}
socket_dir = '${home(node)}/sockets'
pcp_socket_dir = '${home(node)}/sockets'
wd_ipc_socket_dir = '${home(node)}/sockets'
pid_file_name = '${home(node)}/pgpool.pid'
logdir = '${home(node)}'
log_line_prefix = '%t: %a pid %p: '
num_init_children = 16
max_pool = 2
enable_pool_hba = on
pool_passwd = 'pool_passwd'
${NODES.map(backend).join('')}
failover_command = '${paths.shared}/failover.sh ${paths.root} %d %P %H'

# The operator's set-up has period 5, timeout 10, and watchdog times of 10 and 30 s. These are shorter for
# speed. What no setting shortens: 5 s of JOINING, 4 s to LEADER, and the life check's 10 x wd_interval.
health_check_period = 5
health_check_timeout = 3
health_check_max_retries = 1
health_check_retry_delay = 1
health_check_user = 'pgpool'
health_check_database = 'postgres'
wd_interval = 3
wd_heartbeat_keepalive = 1
wd_heartbeat_deadtime = 9

# Not the plain role: replication states are visible to pg_monitor only.
sr_check_period = 5
sr_check_user = 'pgpool_sr'
sr_check_database = 'postgres'
delay_threshold = 1024000

use_watchdog = on
wd_authkey = 'maasha-lab'
enable_consensus_with_half_votes = on
trusted_servers = '${GATEWAYS.join(',')}'
ping_path = '/bin'
wd_lifecheck_method = 'heartbeat'
${NODES.map(member).join('')}
delegate_IP = '${VIP}'
if_cmd_path = '/bin'
arping_path = '/bin'
if_up_cmd = '${paths.shared}/vip-up.sh ${paths.root} ${VIP}'
if_down_cmd = '${paths.shared}/vip-down.sh ${paths.root} ${VIP}'
arping_cmd = '${paths.shared}/announce.sh ${paths.root} ${VIP} ${node}'
`;

const backend = (node: Node, id: number) => `
backend_hostname${id} = '${ADDRESS[node]}'
backend_port${id} = ${PORT.postgres}
backend_weight${id} = 1
backend_flag${id} = 'ALLOW_TO_FAILOVER'
backend_application_name${id} = '${node}'
`;

const member = (node: Node, id: number) => `
hostname${id} = '${ADDRESS[node]}'
wd_port${id} = ${PORT.watchdog}
pgpool_port${id} = ${PORT.pgpool}
heartbeat_hostname${id} = '${ADDRESS[node]}'
heartbeat_port${id} = ${PORT.heartbeat}
`;

/** A node's own view of the watchdog; undefined when its pgpool does not say. */
export async function watchdogView(node: Node): Promise<WatchdogView | undefined> {
  const ran = await pcp(node, 'pcp_watchdog_info', ['-v']);
  if (ran.code !== 0 || !ran.stdout.includes('Node Name')) return undefined;
  const value = (name: string, text: string) =>
    new RegExp(`^${name} *: (.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const members = Object.fromEntries(
    ran.stdout
      .split(/\n(?=Node Name)/)
      .slice(1)
      .map((part) => [value('Host Name', part), value('Status Name', part)]),
  );
  return {
    state: members[ADDRESS[node]] ?? '',
    leader: value('Leader Host Name', ran.stdout),
    escalated: value('Local node escalation', ran.stdout) === 'YES',
    quorum: value('Quorum state', ran.stdout),
    members,
  };
}

/** What a node's pgpool thinks of both backends; undefined when it does not say. */
export async function backends(node: Node): Promise<Record<Node, Backend> | undefined> {
  const ran = await pcp(node, 'pcp_node_info', ['-a']);
  const lines = ran.stdout.trim().split('\n');
  if (ran.code !== 0 || lines.length !== NODES.length) return undefined;
  const parse = (line = ''): Backend => {
    const [, , , , status = '', , role = '', pgRole = ''] = line.split(' ');
    return { status, role, pgRole };
  };
  return { rc1: parse(lines[0]), rc2: parse(lines[1]) };
}

/** The node whose pgpool leads and holds the address, as far as any pgpool says. */
export async function leader(): Promise<Node | undefined> {
  const views = await Promise.all(NODES.map(watchdogView));
  return NODES.find((_, index) => views[index]?.state === 'LEADER');
}

/** The node that leads, once that is one node and the other one follows it. */
export async function soleLeader(): Promise<Node | undefined> {
  const views = await Promise.all(NODES.map(watchdogView));
  const leads = NODES.filter((_, index) => views[index]?.state === 'LEADER');
  const follows = views.some((view) => view?.state === 'STANDBY');
  return leads.length === 1 && follows ? leads[0] : undefined;
}

/** Attaches a backend that streams again: pgpool never does that by itself. */
export async function attach(node: Node): Promise<void> {
  const done = await until(
    30_000,
    async () => {
      const at = await leader();
      const view = at === undefined ? undefined : await backends(at);
      if (at === undefined || view === undefined) return undefined;
      if (view[node].status !== 'down') return true;
      await pcp(at, 'pcp_attach_node', ['-n', String(nodeId(node))]);
      return undefined;
    },
    500,
  );
  if (done === undefined) throw new Error(`pgpool does not take ${node}'s backend back`);
}

/** Detaches a backend, as an operator's slip or a failover does. */
export async function detach(node: Node): Promise<void> {
  const at = await leader();
  if (at === undefined) throw new Error('no pgpool leads');
  await pcp(at, 'pcp_detach_node', ['-n', String(nodeId(node))]);
  const done = await until(
    20_000,
    async () => ((await backends(at))?.[node].status === 'down' ? true : undefined),
    300,
  );
  if (done === undefined) throw new Error(`pgpool does not detach ${node}'s backend`);
}

/** Starts a node's pgpool and waits until it has joined its peer. */
export async function startPgpool(node: Node): Promise<void> {
  await start(node, 'pgpool');
  const joined = await until(
    40_000,
    async () => {
      const view = await watchdogView(node);
      return view?.state === 'LEADER' || view?.state === 'STANDBY' ? true : undefined;
    },
    300,
  );
  if (joined === undefined) throw new Error(`pgpool on ${node} does not join ${peer(node)}`);
}

/** Restarts a node's pgpool; when it leads, the virtual address moves to its peer. */
export async function restartPgpool(node: Node): Promise<void> {
  await stop(node, 'pgpool');
  await startPgpool(node);
}

const pcp = (node: Node, tool: string, args: readonly string[]): Promise<Ran> =>
  tryRunIn(
    'mon',
    [tool, '-h', ADDRESS[node], '-p', String(PORT.pcp), '-U', 'root', '-w', ...args],
    {
      env: { PCPPASSFILE: join(paths.shared, 'pcppass') },
      timeout: 3_000,
    },
  );
