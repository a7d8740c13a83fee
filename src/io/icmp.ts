import { isIP, SocketAddress } from 'node:net';
import { CheckFailure } from '../core/failure.ts';
import type { IcmpPort, PingReport } from '../core/ports/network.ts';
import { seconds, type Seconds } from '../core/time.ts';
import { pingBySystem } from './icmp-ping8.ts';
import { openRaw, type RawPings } from './icmp-raw.ts';
import { bounded, type Scope } from './scope.ts';

type Options = Parameters<IcmpPort['ping']>[1];

/** The ICMP sockets of the process, opened at the first ping; or ping(8) where it may have none. */
export class IcmpSockets {
  readonly #open: () => Promise<RawPings | undefined>;
  readonly #command: string;
  #raw: Promise<RawPings | undefined> | undefined;

  /**
   * @param open finds out whether raw sockets can be had, once.
   * @param command the program that is run where they cannot.
   */
  constructor(open: () => Promise<RawPings | undefined> = openRaw, command = 'ping') {
    this.#open = open;
    this.#command = command;
  }

  port(scope: Scope): IcmpPort {
    return { ping: (address, options) => this.#ping(scope, address, options) };
  }

  async close(): Promise<void> {
    (await this.#raw)?.close();
  }

  async #ping(scope: Scope, address: string, options: Options): Promise<PingReport> {
    const target = literal(address);
    this.#raw ??= this.#open();
    const raw = await this.#raw;
    // A link-local address names its interface, which net-ping's addresses cannot.
    return raw === undefined || target.includes('%')
      ? pingBySystem(scope, this.#command, target, options)
      : pingByRaw(scope, raw, target, options);
  }
}

/** The address in the one form in which the kernel gives it back; net-ping sends anything else anywhere. */
function literal(address: string): string {
  switch (isIP(address)) {
    case 4:
      return address;
    case 6:
      return address.includes('%')
        ? address
        : new SocketAddress({ address, family: 'ipv6' }).address;
    default:
      throw new CheckFailure('config', `not an IP address: ${address}`);
  }
}

/** Starts every echo at its time, and reports when the last has ended. */
function pingByRaw(
  scope: Scope,
  raw: RawPings,
  address: string,
  { count, interval, timeout }: Options,
): Promise<PingReport> {
  const longest = seconds(interval * (count - 1) + timeout + 1);
  return bounded(scope, longest, `ICMP echo to ${address}`, ({ resolve, reject }) => {
    const outcomes = new Map<number, Seconds | undefined>();
    const undo = new Set<() => void>();
    const begin = (turn: number): void => {
      const giveUp = raw.echo(scope.clock, address, timeout, (outcome) => {
        undo.delete(giveUp);
        if (outcome instanceof CheckFailure) {
          reject(outcome);
          return;
        }
        outcomes.set(turn, outcome);
        if (outcomes.size === count) resolve(report(outcomes));
      });
      if (!outcomes.has(turn)) undo.add(giveUp);
    };
    begin(0);
    for (let turn = 1; turn < count; turn += 1) {
      undo.add(
        scope.clock.after(seconds(turn * interval), () => {
          begin(turn);
        }),
      );
    }
    return () => {
      for (const each of [...undo]) each();
    };
  });
}

function report(outcomes: ReadonlyMap<number, Seconds | undefined>): PingReport {
  const roundTrips = [...outcomes]
    .sort(([a], [b]) => a - b)
    .map(([, roundTrip]) => roundTrip)
    .filter((roundTrip) => roundTrip !== undefined);
  return { method: 'raw', sent: outcomes.size, received: roundTrips.length, roundTrips };
}
