import { CheckFailure } from '../core/failure.ts';
import type { WatchdogPeer, WatchdogState, WatchdogView } from '../core/ports/pcp.ts';
import { request, strings, unexpected, type PcpRequest } from './pcp.ts';

/*
 * The watchdog of pgpool 3.3 and 3.4, which was another one: each member is asked for by its index, and
 * nothing is said of a quorum, of escalation, or of who leads but by the state of that member.
 */

/** More than that version's own limit (MAX_WATCHDOG_NUM, 128). */
export const MAX_MEMBERS = 129;

/** WD_STATUS of src/include/watchdog/watchdog.h: end, init, normal, master, down. */
const STATES: readonly WatchdogState[] = ['shutdown', 'initializing', 'standby', 'leader', 'dead'];

/** One member by its index; the pgpool that is asked is number 0. */
export const memberRequest = (index: number): PcpRequest<WatchdogPeer> =>
  request('PCP watchdog info', 'W', [String(index)], ([frame]) => {
    if (frame === undefined) return undefined;
    const [verdict, host, pgpoolPort, watchdogPort, status, ...others] = strings(frame.body);
    if (verdict !== 'CommandComplete' || host === undefined || others.length > 0)
      throw unexpected('PCP watchdog info', frame);
    return {
      host,
      name: `${host}:${pgpoolPort}`,
      state: STATES[number(status)] ?? 'unknown',
      pgpoolPort: number(pgpoolPort),
      watchdogPort: number(watchdogPort),
    };
  });

/** True when 3.3 or 3.4 says that there is no such member: with -1 that there is no "all", else the end. */
export const isOldEnd = (error: unknown): boolean =>
  error instanceof CheckFailure &&
  error.facts['plain'] === true &&
  /invalid watchdog index/i.test(error.message);

/** The view that these members make up, the one that was asked first. */
export const viewOfMembers = (peers: readonly WatchdogPeer[]): WatchdogView => {
  const leader = peers.find(({ state }) => state === 'leader');
  const remote = peers.slice(1);
  return {
    quorum: 'unknown',
    ...(leader === undefined ? {} : { leaderHost: leader.host }),
    remoteNodes: remote.length,
    aliveRemoteNodes: remote.filter(({ state }) => state === 'leader' || state === 'standby')
      .length,
    peers,
  };
};

function number(text: string | undefined): number {
  if (text === undefined || !/^\d{1,5}$/.test(text))
    throw new CheckFailure('protocol', 'PCP watchdog info: a number is missing');
  return Number(text);
}
