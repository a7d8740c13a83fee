import type { World } from '../core/ports/ports.ts';
import type { Clock } from '../core/time.ts';
import { ampPort } from './amp.ts';
import { arpPort } from './arp.ts';
import { dhcpPort } from './dhcp.ts';
import { DnsSockets } from './dns.ts';
import { FactSources } from './facts.ts';
import { httpPort } from './http.ts';
import { IcmpSockets } from './icmp.ts';
import { pcpPort } from './pcp.ts';
import { PostgresConnections } from './postgres.ts';
import { Scope } from './scope.ts';
import { streamPort } from './stream.ts';
import { tcpPort } from './tcp.ts';
import { udpPort } from './udp.ts';

/** The real world. `keepPostgres`: keep one connection per server from run to run, as a service does. */
export function openWorld(
  clock: Clock,
  { keepPostgres }: { readonly keepPostgres: boolean },
): World {
  const icmp = new IcmpSockets();
  const dns = new DnsSockets();
  const postgres = new PostgresConnections({ keep: keepPostgres });
  const facts = new FactSources();
  return {
    enter: (signal) => {
      const scope = new Scope(clock, signal);
      return {
        ports: {
          icmp: icmp.port(scope),
          tcp: tcpPort(scope),
          http: httpPort(scope),
          dns: dns.port(scope),
          pcp: pcpPort(scope),
          postgres: postgres.port(scope),
          walsender: postgres.walsenderPort(scope),
          canary: postgres.canaryPort(scope),
          amp: ampPort(scope),
          arp: arpPort(scope),
          udp: udpPort(scope),
          stream: streamPort(scope),
          dhcp: dhcpPort(scope),
          facts: facts.port(scope),
          // Only a service knows something of itself; it puts this in place.
          monitor: { facts: () => undefined },
        },
        leave: scope.leave,
      };
    },
    close: async () => {
      await icmp.close();
      dns.close();
      await postgres.close();
    },
  };
}
