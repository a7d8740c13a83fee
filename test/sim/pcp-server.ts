import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { tcpServer, type Address, type Running } from './listener.ts';

/** One line of `pcp_node_info`, in pgpool's own numbers and words. */
export interface SimBackend {
  readonly host: string;
  readonly port: number;
  /** 0 unused, 1 waiting, 2 up, 3 down. */
  status: number;
  quarantine: boolean;
  /** 2 primary, 3 standby. */
  role: number;
  pgStatus: 'up' | 'down' | 'unknown';
  pgRole: 'primary' | 'standby' | 'unknown';
  weight: number;
  delay: number;
  changed: number;
}

interface SimMember {
  readonly id: number;
  readonly host: string;
  /** 4 leader, 7 standby, 8 lost, 10 shutdown, … */
  state: number;
  delegateIp: string;
}

export interface SimWatchdog {
  /** The member that is the leader in this pgpool's view; absent = "Not Set". */
  leader?: string;
  /** 1 exists, 0 on the edge, -1 absent, -2 no leader. */
  quorum: number;
  escalated: boolean;
  aliveRemotes: number;
  /** The pgpool itself first. */
  members: SimMember[];
}

/** What one simulated pgpool believes; changed at will while it runs. */
export interface SimPgpool {
  user: string;
  password: string;
  /** `frozen` = accepts and stays silent, `headless` = I answers and W errs, `hangs` = only I is silent. */
  mode: 'well' | 'frozen' | 'headless' | 'hangs';
  /** 4.2 knows no "all nodes" and sends fewer fields; 3.4 tells of one watchdog member at a time, too. */
  version: '3.4' | '4.2' | '4.3';
  /** Absent = use_watchdog is off. */
  watchdog?: SimWatchdog | undefined;
  backends: SimBackend[];
}

export const simBackend = (host: string, changes: Partial<SimBackend> = {}): SimBackend => ({
  host,
  port: 5432,
  status: 2,
  quarantine: false,
  role: 3,
  pgStatus: 'up',
  pgRole: 'standby',
  weight: 0.5,
  delay: 0,
  changed: 1_795_422_692,
  ...changes,
});

/** pgpool's PCP port with its true wire format, as recorded from these versions. */
export const pcpServer = (pgpool: SimPgpool) => ({
  start: (at: Address): Promise<Running> =>
    tcpServer(at, (socket) => {
      serve(pgpool, socket);
    }),
});

function serve(pgpool: SimPgpool, socket: Socket): void {
  const salt = randomBytes(4);
  let salted = false;
  let known = false;
  let stream = Buffer.alloc(0);
  const handle = (type: string, body: string[]): void => {
    if (type === 'X') socket.end();
    else if (type === 'M') {
      salted = true;
      socket.write(frame('m', salt));
    } else if (type === 'R') {
      known = salted && body[0] === pgpool.user && body[1] === expected(pgpool, salt);
      if (known) say(socket, 'r', 'AuthenticationOK');
      else
        fatal(
          socket,
          `authentication failed for user "${body[0] ?? ''}"`,
          'username and/or password does not match',
        );
    } else if (!known) fatal(socket, 'authentication failed', 'send the login first');
    else command(pgpool, socket, type, body[0] ?? '');
  };
  socket.on('data', (chunk) => {
    if (pgpool.mode === 'frozen') return;
    stream = Buffer.concat([stream, chunk]);
    while (stream.length >= 5) {
      const length = stream.readUInt32BE(1);
      if (length < 4 || length > 259) {
        fatal(socket, 'unable to read from client', 'incorrect packet length');
        return;
      }
      if (stream.length < 1 + length) return;
      const type = String.fromCharCode(stream[0]!);
      const body = stream
        .toString('utf8', 5, 1 + length)
        .split('\0')
        .slice(0, -1);
      stream = stream.subarray(1 + length);
      handle(type, body);
    }
  });
}

function command(pgpool: SimPgpool, socket: Socket, type: string, argument: string): void {
  if (type === 'L') say(socket, 'l', 'CommandComplete', String(pgpool.backends.length));
  else if (type === 'W' && pgpool.version === '3.4')
    memberInfo(pgpool, socket, Number.parseInt(argument, 10));
  else if (type === 'W') watchdogInfo(pgpool, socket);
  else if (type === 'I') {
    if (pgpool.mode !== 'hangs') nodeInfo(pgpool, socket, Number.parseInt(argument, 10));
  } else fatal(socket, 'PCP processing request', `unknown PCP packet type "${type}"`);
}

function watchdogInfo({ mode, version, watchdog }: SimPgpool, socket: Socket): void {
  const failed = 'PCP: informing watchdog info failed';
  if (watchdog === undefined) error(socket, failed, 'watchdog is not enabled');
  else if (mode === 'headless') error(socket, failed, 'invalid watchdog index');
  else say(socket, 'w', 'CommandComplete', watchdogJson(watchdog, version));
}

/** The numbers of 3.4 for the states that later ones have. */
const OLD_STATES: Readonly<Record<number, number>> = { 4: 3, 7: 2, 8: 4, 10: 0 };

function memberInfo({ watchdog }: SimPgpool, socket: Socket, index: number): void {
  const member = watchdog?.members[index];
  if (watchdog === undefined) say(socket, 'e', 'watchdog not enabled');
  else if (member === undefined) say(socket, 'e', 'Invalid watchdog index');
  else {
    const state = String(OLD_STATES[member.state] ?? 1);
    say(socket, 'w', 'CommandComplete', member.host, '9999', '9000', state);
  }
}

const STATE_NAMES: Readonly<Record<number, string>> = {
  4: 'LEADER',
  7: 'STANDBY',
  8: 'LOST',
  10: 'SHUTDOWN',
};

function watchdogJson(watchdog: SimWatchdog, version: SimPgpool['version']): string {
  const recent = version === '4.3';
  return JSON.stringify({
    RemoteNodeCount: watchdog.members.length - 1,
    ...(recent
      ? { MemberRemoteNodeCount: watchdog.members.length - 1, NodesRequireForQuorum: 1 }
      : {}),
    QuorumStatus: watchdog.quorum,
    AliveNodeCount: watchdog.aliveRemotes,
    Escalated: Number(watchdog.escalated),
    LeaderNodeName: watchdog.leader === undefined ? 'Not Set' : `${watchdog.leader}:9999 Linux vm`,
    LeaderHostName: watchdog.leader ?? 'Not Set',
    NodeCount: watchdog.members.length,
    WatchdogNodes: watchdog.members.map((member) => ({
      ID: member.id,
      State: member.state,
      ...(recent ? { Membership: 0, MembershipString: 'MEMBER' } : {}),
      NodeName: `${member.host}:9999 Linux vm`,
      HostName: member.host,
      StateName: STATE_NAMES[member.state] ?? 'UNKNOWN',
      DelegateIP: member.delegateIp,
      WdPort: 9000,
      PgpoolPort: 9999,
      Priority: 1,
    })),
  });
}

function nodeInfo({ version, backends }: SimPgpool, socket: Socket, index: number): void {
  const all = index === -1 && version === '4.3';
  const asked = all ? backends : backends.slice(index, index + 1);
  if (index < (all ? -1 : 0) || (!all && asked.length === 0)) {
    noSuchNode(version, socket, index);
  } else if (version !== '4.3') {
    const fields = backendFields(asked[0]!, false);
    say(socket, 'i', 'CommandComplete', ...(version === '3.4' ? oldFields(fields) : fields));
  } else {
    say(socket, 'i', 'ArraySize', String(asked.length));
    for (const backend of asked) say(socket, 'i', 'NodeInfo', ...backendFields(backend, true));
    say(socket, 'i', 'CommandComplete');
  }
}

function noSuchNode(version: SimPgpool['version'], socket: Socket, index: number): void {
  if (version === '3.4') say(socket, 'e', 'Invalid Node ID');
  else error(socket, 'informing node info failed', `invalid node ID : ${index}`);
}

/** Host, port, status and weight. */
const oldFields = (fields: readonly string[]): string[] =>
  fields.filter((_, index) => [0, 1, 2, 4].includes(index));

const backendFields = (backend: SimBackend, recent: boolean): string[] => [
  backend.host,
  String(backend.port),
  String(backend.status),
  String(Number(backend.quarantine)),
  ...(recent ? [backend.pgStatus] : []),
  (backend.weight * 2_147_483_647).toFixed(6),
  String(backend.role),
  ...(recent ? [backend.pgRole] : []),
  String(backend.delay),
  '',
  '',
  String(backend.changed),
];

const md5 = (...parts: (string | Buffer)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('md5')).digest('hex');

const expected = ({ user, password }: SimPgpool, salt: Buffer): string =>
  md5(md5(md5(password), user), salt);

function frame(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([header, body]);
}

const say = (socket: Socket, type: string, ...texts: string[]): void => {
  socket.write(frame(type, Buffer.from(texts.map((text) => `${text}\0`).join(''))));
};

const error = (socket: Socket, message: string, detail: string, severity = 'ERROR'): void => {
  say(
    socket,
    'E',
    `S${severity}`,
    'CXX000',
    `M${message}`,
    `D${detail}`,
    'Fpcp_worker.c',
    'L517',
    '',
  );
};

const fatal = (socket: Socket, message: string, detail: string): void => {
  error(socket, message, detail, 'FATAL');
  socket.end();
};
