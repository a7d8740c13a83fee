import check from '../../checks/cluster-controllers.ts';
import { CheckFailure } from '../../src/core/failure.ts';
import type { AmpPort } from '../../src/core/ports/amp.ts';
import type { HttpPort, IcmpPort, TcpPort } from '../../src/core/ports/network.ts';
import type { Ports } from '../../src/core/ports/ports.ts';
import type { Region } from '../../src/core/region.ts';
import { seconds } from '../../src/core/time.ts';
import { FakeClock } from './clock.ts';
import { fakePorts } from './ports.ts';
import { region } from './region.ts';
import { runCheck, type Ran } from './run-check.ts';

/* A region and clusters for cluster-controllers to look at, behind ports that a test makes by hand. */

export const [VIP, RC1, RC2] = ['172.31.16.39', '172.31.16.32', '172.31.16.33'] as const;

type Loops = Record<string, [string, number][]>;
export const LOOPS: Loops = {
  'rc1:pid=10': [
    [RC1, 5250],
    [VIP, 5250],
  ],
  'rc2:pid=20': [[RC2, 5250]],
};

export const http = (status: number, body: string): HttpPort => ({
  get: async () => ({ status, headers: {}, body, took: seconds(0.02) }),
});
export const advertising = (eventloops: Loops | null) => http(200, JSON.stringify({ eventloops }));

/** An AMP port that answers every greeting, unless told what else to do; it writes down whom it greeted. */
export const amp = (
  fate: (host: string) => CheckFailure | undefined = () => undefined,
  proof?: CheckFailure,
): AmpPort & { readonly greeted: string[] } => {
  const greeted: string[] = [];
  return {
    greeted,
    greet: ({ host, port }) => {
      greeted.push(`${host}:${port}`);
      const failure = fate(host);
      if (failure !== undefined) return Promise.reject(failure);
      return Promise.resolve({
        greeting: { asked: 'Identify', took: seconds(0.01) },
        authenticate: () =>
          proof === undefined
            ? Promise.resolve({
                digest: new Uint8Array(32),
                salt: new Uint8Array(16),
                took: seconds(0.01),
              })
            : Promise.reject(proof),
      });
    },
  };
};

export const icmp = (fate: 'answers' | 'silent' | CheckFailure = 'answers'): IcmpPort => ({
  ping: async (_, { count }) => {
    if (fate instanceof CheckFailure) throw fate;
    const received = fate === 'answers' ? count : 0;
    return { method: 'raw', sent: count, received, roundTrips: [] };
  },
});
export const tcp = (fate: CheckFailure | undefined): TcpPort => ({
  connect: async () => {
    if (fate !== undefined) throw fate;
    return { took: seconds(0.01) };
  },
});

export const fails = (code: CheckFailure['code'], facts = {}): CheckFailure =>
  new CheckFailure(code, `it is ${code}`, { facts });

type Given = Partial<Pick<Ports, 'http' | 'amp' | 'icmp' | 'tcp'>> & {
  readonly region?: Partial<Region>;
  readonly memory?: unknown;
  readonly clock?: FakeClock;
  readonly once?: boolean;
};

export const look = (given: Given = {}): Promise<Ran> =>
  runCheck(
    check,
    region(given.region),
    fakePorts({
      http: given.http ?? advertising(LOOPS),
      amp: given.amp ?? amp(),
      icmp: given.icmp ?? icmp(),
      tcp: given.tcp ?? tcp(fails('timeout')),
    }),
    {
      memory: given.memory,
      clock: given.clock ?? new FakeClock(),
      once: given.once ?? false,
    },
  );

export const said = (ran: Ran): string =>
  ran.evidence.map(({ subject, says }) => `${subject} ${says}`).join('\n');
