import type { DhcpLeg, DhcpPort } from '../../src/core/ports/dhcp.ts';

/* DHCP servers that a test makes by hand: what they answer, and where they stand. */

/** Option 53 of a question. */
const INFORM = 8;

interface Told {
  readonly type?: number;
  readonly offered?: string;
  readonly relay?: string;
  /** Options by their codes, in this order; the message type comes first. */
  readonly options?: readonly (readonly [code: number, ...octets: readonly number[]])[];
}

export const octetsOf = (...addresses: readonly string[]): number[] =>
  addresses.flatMap((address) => address.split('.').map(Number));

/** An answer to this question, as a server makes it. */
export function answerTo(question: Uint8Array, told: Told): Uint8Array {
  const { type = 2, offered = '0.0.0.0', relay = '0.0.0.0', options = [] } = told;
  const head = new Uint8Array(240);
  head.set(question.subarray(0, 240));
  head[0] = 2;
  head.set(octetsOf(offered), 16);
  head.set(octetsOf(relay), 24);
  const all = [[53, type] as const, ...options].flatMap(([code, ...octets]) => [
    ...[code, octets.length],
    ...octets,
  ]);
  return Uint8Array.of(...head, ...all, 255);
}

/** A server on a segment. */
export interface Stand {
  readonly address: string;
  /** What it calls itself, option 54; absent: its address. */
  readonly identifier?: string;
  readonly dns: readonly string[];
  /** MAAS's own is not, and is silent to INFORM. */
  readonly authoritative?: boolean;
  readonly relay?: string;
  /** Sent instead of a true answer. */
  readonly bytes?: Uint8Array;
}

export const LEG: DhcpLeg = {
  address: '172.31.17.40',
  mac: Uint8Array.of(2, 0, 172, 31, 17, 40),
};

/** Servers by the leg on which they answer; `asked` gets each question's leg and type. */
export const dhcpServers = (
  stands: Readonly<Record<string, readonly Stand[]>>,
  asked: (leg: string, type: 'inform' | 'discover') => void = () => undefined,
): DhcpPort => ({
  broadcast: async (message, { interface: leg }) => {
    const question = message(LEG);
    const isInform = question[242] === INFORM;
    asked(leg, isInform ? 'inform' : 'discover');
    return (stands[leg] ?? [])
      .filter(({ authoritative = false }) => authoritative || !isInform)
      .map(({ address, identifier = address, dns, relay, bytes }) => ({
        from: { host: address, port: 67 },
        bytes:
          bytes ??
          answerTo(question, {
            type: isInform ? 5 : 2,
            ...(isInform ? {} : { offered: '172.31.17.100' }),
            ...(relay === undefined ? {} : { relay }),
            options: [
              [54, ...octetsOf(identifier)],
              [3, ...octetsOf('172.31.17.1')],
              [6, ...octetsOf(...dns)],
              [51, 0, 0, 2, 88],
            ],
          }),
      }));
  },
});
