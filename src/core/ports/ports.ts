import type { AmpPort } from './amp.ts';
import type { ArpPort } from './arp.ts';
import type { DhcpPort } from './dhcp.ts';
import type { DnsPort } from './dns.ts';
import type { StreamPort, UdpPort } from './exchange.ts';
import type { FactsPort } from './facts.ts';
import type { MonitorPort } from './monitor.ts';
import type { HttpPort, IcmpPort, TcpPort } from './network.ts';
import type { PcpPort } from './pcp.ts';
import type { CanaryPort, PostgresPort, WalsenderPort } from './postgres.ts';

/** The hands of a check: its only way to touch the world, and all of it ends with the run. */
export interface Ports {
  readonly icmp: IcmpPort;
  readonly tcp: TcpPort;
  readonly http: HttpPort;
  readonly dns: DnsPort;
  readonly pcp: PcpPort;
  readonly postgres: PostgresPort;
  readonly walsender: WalsenderPort;
  readonly canary: CanaryPort;
  readonly amp: AmpPort;
  readonly arp: ArpPort;
  readonly udp: UdpPort;
  readonly stream: StreamPort;
  readonly dhcp: DhcpPort;
  readonly facts: FactsPort;
  readonly monitor: MonitorPort;
}

/** The world that ports are opened in; one for the life of the process. */
export interface World {
  /**
   * Ports for one run. When `signal` aborts, everything that they hold is destroyed at that moment and
   * every pending call rejects with the signal's reason; `leave` does the same for what is left over.
   */
  enter(signal: AbortSignal): { readonly ports: Ports; readonly leave: () => void };
  /** Closes what outlives a run: kept connections, the ICMP and UDP sockets. */
  close(): Promise<void>;
}
