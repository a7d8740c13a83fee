import type { Secret } from '../secret.ts';
import type { Seconds } from '../time.ts';
import type { Endpoint, Limit } from './network.ts';

/** pgpool's watchdog states (`WD_STATES` of its source); `unknown` for a number that we do not know. */
export const WATCHDOG_STATES = [
  'dead',
  'loading',
  'joining',
  'initializing',
  'leader',
  'election',
  'standing',
  'standby',
  'lost',
  'network_trouble',
  'shutdown',
  'add_sent',
  'isolated',
  'unknown',
] as const;
export type WatchdogState = (typeof WATCHDOG_STATES)[number];

export const QUORUM_STATES = ['exists', 'edge', 'absent', 'unknown'] as const;
export type QuorumState = (typeof QUORUM_STATES)[number];

/** A member of the watchdog cluster in the view of the node that was asked. */
export interface WatchdogPeer {
  readonly host: string;
  readonly name: string;
  readonly state: WatchdogState;
  /** From 3.5 on. */
  readonly delegateIp?: string;
  readonly pgpoolPort: number;
  readonly watchdogPort: number;
}

/** The answer to `pcp_watchdog_info`: what one pgpool believes. */
export interface WatchdogView {
  /** `unknown` while there is no leader, and always from 3.3 and 3.4. */
  readonly quorum: QuorumState;
  /** Whether it has taken the virtual address; 3.3 and 3.4 do not say. */
  readonly escalated?: boolean;
  /** Address of the leader; absent while there is none ("Not Set"). */
  readonly leaderHost?: string;
  readonly remoteNodes: number;
  readonly aliveRemoteNodes: number;
  /** The votes without which there is no quorum; from pgpool 4.3 on. */
  readonly requiredForQuorum?: number;
  /** The node that was asked comes first. */
  readonly peers: readonly WatchdogPeer[];
}

export const BACKEND_STATES = ['unused', 'waiting', 'up', 'down', 'quarantine', 'unknown'] as const;
export type BackendState = (typeof BACKEND_STATES)[number];

export const BACKEND_ROLES = ['main', 'replica', 'primary', 'standby', 'unknown'] as const;
export type BackendRole = (typeof BACKEND_ROLES)[number];

/** One line of `pcp_node_info` (or of `SHOW pool_nodes`): a database server as pgpool sees it. */
export interface BackendView {
  readonly host: string;
  readonly port: number;
  readonly state: BackendState;
  readonly role: BackendRole;
  /** What pgpool saw when it asked the server just now (4.3 and later); absent where it cannot say. */
  readonly actualState?: 'up' | 'down' | 'unknown';
  readonly actualRole?: BackendRole;
  /** Share of the load, 0 to 1. */
  readonly weight: number;
  /** Replication delay in bytes; absent where pgpool does not say. */
  readonly delayBytes?: number;
  /** Epoch seconds of the last change of state; absent where pgpool does not say. */
  readonly changedAt?: number;
}

export interface PcpServer extends Endpoint {
  readonly user: string;
  readonly password: Secret;
}

/** A logged-in PCP connection; it is closed with the run. */
export interface PcpSession {
  nodeCount(limit: Limit): Promise<number>;
  /** One backend, or all of them when no index is given. */
  nodeInfo(limit: Limit & { readonly index?: number }): Promise<readonly BackendView[]>;
  watchdogInfo(limit: Limit): Promise<WatchdogView>;
}

export interface PcpPort {
  /**
   * Connects and logs in.
   *
   * @throws CheckFailure `refused`, `unreachable`, `timeout`, `auth` or `protocol`. A request throws
   *   `protocol` too when pgpool answers it with an ERROR; the text is in the message, `answered: true` in the facts.
   */
  login(server: PcpServer, limit: Limit): Promise<PcpSession & { readonly took: Seconds }>;
}
