import { spawn } from 'node:child_process';
import { isIPv4 } from 'node:net';
import { CheckFailure } from '../core/failure.ts';
import type { IcmpPort, PingReport } from '../core/ports/network.ts';
import { seconds, type Seconds } from '../core/time.ts';
import { bounded, type Scope } from './scope.ts';

type Options = Parameters<IcmpPort['ping']>[1];

/** ping(8) without privilege does not go faster than this. */
const LEAST_INTERVAL = 0.2;
/** No honest output for a handful of echoes is longer. */
const MOST_OUTPUT = 65_536;

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
export function pingBySystem(
  scope: Scope,
  command: string,
  address: string,
  { count, interval, timeout }: Options,
): Promise<PingReport> {
  const pause = Math.max(LEAST_INTERVAL, interval);
  const enough = seconds(pause * (count - 1) + timeout);
  const what = `ping ${address}`;
  return bounded(scope, seconds(enough + 1), what, ({ resolve, reject }) => {
    const child = spawn(command, pingArguments(address, count, pause, timeout), {
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let complaint = '';
    const report = (): void => {
      const roundTrips = readRoundTrips(output, address).filter((each) => each <= timeout);
      resolve({ method: 'ping', sent: count, received: roundTrips.length, roundTrips });
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, MOST_OUTPUT);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, MOST_OUTPUT);
    });
    child.once('error', (error) => {
      reject(new CheckFailure('no_privilege', `${what}: ping(8) cannot be run`, { cause: error }));
    });
    child.once('close', (status) => {
      if (mayNot(status, complaint)) reject(noPrivilege(what));
      else report();
    });
    const cancel = scope.clock.after(enough, report);
    return () => {
      cancel();
      child.kill('SIGKILL');
    };
  });
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

/** 126 is what a shell says where exec itself is forbidden; ping says it in words and exits with 2. */
const mayNot = (status: number | null, complaint: string): boolean =>
  status === 126 ||
  (status !== 0 && /not permitted|permission denied|cap_net_raw/i.test(complaint));

const noPrivilege = (what: string): CheckFailure =>
  new CheckFailure('no_privilege', `${what}: neither a raw socket nor ping(8) may be used`);
