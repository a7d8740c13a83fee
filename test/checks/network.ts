import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import { seconds } from '../../src/core/time.ts';
import { fakePorts } from '../support/ports.ts';

type Reaction = 'answers' | FailureCode;

/** A network where everything answers, except what is said here: by address, or by address and port. */
export function network(
  exceptions: Readonly<Record<string, Reaction>> = {},
  echoes: Readonly<Record<string, number>> = {},
): Ports & { readonly connected: string[] } {
  const connected: string[] = [];
  const react = (...keys: readonly string[]): void => {
    const reaction = keys.map((key) => exceptions[key]).find((each) => each !== undefined);
    if (reaction === undefined || reaction === 'answers') return;
    throw new CheckFailure(reaction, `${keys.join(' ')}: ${reaction}`);
  };
  return {
    ...fakePorts({
      icmp: {
        ping: async (address, { count }) => {
          react('icmp');
          const silent =
            exceptions[address] === 'timeout' || exceptions[`icmp ${address}`] !== undefined;
          const received = silent ? 0 : (echoes[address] ?? count);
          const roundTrips = [0.001, 0.002, 0.003].slice(0, received).map(seconds);
          return { method: 'raw', sent: count, received, roundTrips };
        },
      },
      tcp: {
        connect: async ({ host, port }) => {
          connected.push(`${host}:${port}`);
          react(`${host}:${port}`, `tcp ${host}`, host);
          return { took: seconds(0.003) };
        },
      },
    }),
    connected,
  };
}

/** The same for several addresses. */
export const all = (reaction: Reaction, ...addresses: readonly string[]) =>
  Object.fromEntries(addresses.map((address) => [address, reaction]));
