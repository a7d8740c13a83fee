import type { Datagram } from './exchange.ts';
import type { Limit } from './network.ts';

export interface DhcpPort {
  /**
   * Broadcasts one DHCP message from the monitor's own leg on a segment and collects every answer that comes
   * within the limit: a second server answers too. `interface` names the leg; what it is called on the wire
   * (`chaddr`, `ciaddr`) is the port's business, so `message` makes the bytes of it.
   *
   * @throws CheckFailure `no_privilege` (port 68 may not be bound), `config` (no such interface, it has no
   *   IPv4 address, or port 68 is taken by a DHCP client on this machine) or `unreachable` (it is down).
   */
  broadcast(
    message: (own: DhcpLeg) => Uint8Array,
    options: Limit & { readonly interface: string },
  ): Promise<readonly Datagram[]>;
}

/** The monitor's leg on a segment. */
export interface DhcpLeg {
  readonly address: string;
  /** Six octets. */
  readonly mac: Uint8Array;
}
