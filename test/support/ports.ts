import { CheckFailure } from '../../src/core/failure.ts';
import type { Ports } from '../../src/core/ports/ports.ts';

const never = (port: string): never =>
  new Proxy(
    {},
    {
      get: (_, call) => () => {
        throw new Error(
          `the check called ${port}.${String(call)}, which this test does not expect`,
        );
      },
    },
  ) as never;

/** Ports that a test makes by hand; a call to any other is an error of the test. */
export const fakePorts = (given: Partial<Ports> = {}): Ports => ({
  icmp: never('icmp'),
  tcp: never('tcp'),
  http: never('http'),
  dns: never('dns'),
  pcp: never('pcp'),
  postgres: never('postgres'),
  walsender: never('walsender'),
  canary: never('canary'),
  amp: never('amp'),
  arp: never('arp'),
  udp: never('udp'),
  stream: never('stream'),
  dhcp: never('dhcp'),
  facts: never('facts'),
  monitor: { facts: () => undefined },
  ...given,
});

const silent: never = new Proxy({}, { get: () => () => new Promise(() => {}) }) as never;

/** Ports on which nothing ever answers. */
export const hangingPorts = (): Ports => ({
  icmp: silent,
  tcp: silent,
  http: silent,
  dns: silent,
  pcp: silent,
  postgres: silent,
  walsender: silent,
  canary: silent,
  amp: silent,
  arp: silent,
  udp: silent,
  stream: silent,
  dhcp: silent,
  facts: silent,
  // It does not wait, so it cannot hang; that it cannot tell comes to the same.
  monitor: {
    facts: () => {
      throw new CheckFailure('timeout', 'the monitor does not answer');
    },
  },
});
