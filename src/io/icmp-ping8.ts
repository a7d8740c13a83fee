import { isIPv4 } from 'node:net';
import { CheckFailure } from '../core/failure.ts';
import type { IcmpPort, PingReport } from '../core/ports/network.ts';
import { seconds, type Seconds } from '../core/time.ts';
import { mayNot, runProgram } from './program.ts';
import type { Scope } from './scope.ts';

type Options = Parameters<IcmpPort['ping']>[1];

/** ping(8) without privilege does not go faster than this. */
const LEAST_INTERVAL = 0.2;

const REPLY = /^\d+ bytes from (\S+?):? (?:icmp_)?seq=(\d+) .*?time=([\d.]+) ms$/gm;

/**
 * The round trips in what iputils' or busybox's ping printed, in the order of sending. Duplicates (which
 * end in `(DUP!)`) and replies from another address than the one asked do not count.
 */
export function readRoundTrips(output: string, address: string): readonly Seconds[] {
  const bySequence = new Map<number, Seconds>();
  for (const [, source, sequence, milliseconds] of output.matchAll(REPLY)) {
    if (isIPv4(address) && source !== address) continue;
    bySequence.set(Number(sequence), seconds(Number(milliseconds) / 1000));
  }
  return [...bySequence].sort(([a], [b]) => a - b).map(([, roundTrip]) => roundTrip);
}

/** The system's ping(8), for where this process may have no raw socket; about 2 ms per run. */
export async function pingBySystem(
  scope: Scope,
  command: string,
  address: string,
  { count, interval, timeout }: Options,
): Promise<PingReport> {
  const pause = Math.max(LEAST_INTERVAL, interval);
  const enough = seconds(pause * (count - 1) + timeout);
  const what = `ping ${address}`;
  const args = pingArguments(address, count, pause, timeout);
  const ended = await runProgram(scope, command, args, { what, enough });
  if (mayNot(ended)) throw noPrivilege(what);
  const roundTrips = readRoundTrips(ended.output, address).filter((each) => each <= timeout);
  return { method: 'ping', sent: count, received: roundTrips.length, roundTrips };
}

const pingArguments = (
  address: string,
  count: number,
  pause: number,
  timeout: Seconds,
): readonly string[] => [
  '-n',
  ...['-c', String(count)],
  ...['-i', String(pause)],
  // Older ones take whole seconds only; what came later than `timeout` is left out afterwards.
  ...['-W', String(Math.max(1, Math.ceil(timeout)))],
  address,
];

const noPrivilege = (what: string): CheckFailure =>
  new CheckFailure('no_privilege', `${what}: neither a raw socket nor ping(8) may be used`);
