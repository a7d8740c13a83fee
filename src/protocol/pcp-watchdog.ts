import { CheckFailure } from '../core/failure.ts';
import {
  WATCHDOG_STATES,
  type QuorumState,
  type WatchdogPeer,
  type WatchdogView,
} from '../core/ports/pcp.ts';
import { request, strings, unexpected, type PcpRequest } from './pcp.ts';

/**
 * What pgpool's watchdog believes of the whole cluster (index -1).
 *
 * The answer is JSON from 3.5 on; its keys are Master… up to 4.1 and Leader… from 4.2. 3.3 and 3.4 call
 * the index invalid: `memberRequest` asks them.
 */
export const watchdogRequest: PcpRequest<WatchdogView> = request(
  'PCP watchdog info',
  'W',
  ['-1'],
  ([frame]) => {
    if (frame === undefined) return undefined;
    const [verdict, json, ...others] = strings(frame.body);
    if (verdict !== 'CommandComplete' || json === undefined || others.length > 0)
      throw unexpected('PCP watchdog info', frame);
    return decodeWatchdog(json);
  },
);

type Fields = Readonly<Record<string, unknown>>;

/** What pgpool writes for "none": the leader's name while there is none, a member that does not exist. */
const NOT_SET = ['Not Set', 'Not_Set'];

/**
 * The view in pgpool's JSON.
 *
 * @throws CheckFailure `protocol` when the text is no JSON or lacks what every version sends.
 */
export function decodeWatchdog(json: string): WatchdogView {
  const view = parse(json);
  const leader = view['LeaderHostName'] ?? view['MasterHostName'];
  const members = view['WatchdogNodes'];
  if (!Array.isArray(members) || typeof leader !== 'string') throw broken('keys are missing');
  const required = view['NodesRequireForQuorum'];
  return {
    quorum: quorum(number(view, 'QuorumStatus')),
    escalated: number(view, 'Escalated') !== 0,
    ...(leader === '' || NOT_SET.includes(leader) ? {} : { leaderHost: leader }),
    remoteNodes: number(view, 'RemoteNodeCount'),
    aliveRemoteNodes: number(view, 'AliveNodeCount'),
    ...(typeof required === 'number' ? { requiredForQuorum: required } : {}),
    peers: members
      .map((member: unknown) => decodePeer(fields(member)))
      .filter((peer) => !NOT_SET.includes(peer.host)),
  };
}

const decodePeer = (member: Fields): WatchdogPeer => ({
  host: text(member, 'HostName'),
  name: text(member, 'NodeName'),
  // The states of the port are listed in the order of pgpool's WD_STATES.
  state: WATCHDOG_STATES[number(member, 'State')] ?? 'unknown',
  delegateIp: text(member, 'DelegateIP'),
  pgpoolPort: number(member, 'PgpoolPort'),
  watchdogPort: number(member, 'WdPort'),
});

/** The leader's own verdict; -2 while there is no leader. */
function quorum(status: number): QuorumState {
  if (status === 1) return 'exists';
  if (status === 0) return 'edge';
  return status === -1 ? 'absent' : 'unknown';
}

function parse(json: string): Fields {
  try {
    return fields(JSON.parse(json));
  } catch (error) {
    if (error instanceof CheckFailure) throw error;
    throw broken('it is no JSON', error);
  }
}

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw broken('it is no object');
  return value as Fields;
}

function number(of: Fields, key: string): number {
  const value = of[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw broken(`${key} is no number`);
  return value;
}

function text(of: Fields, key: string): string {
  const value = of[key];
  if (typeof value !== 'string') throw broken(`${key} is no text`);
  return value;
}

const broken = (why: string, cause?: unknown): CheckFailure =>
  new CheckFailure('protocol', `PCP watchdog info cannot be read: ${why}`, { cause });
