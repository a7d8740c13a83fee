import type { Limit } from './network.ts';

/** Who on the monitor's own segment says that an address is its own. */
export interface ArpReport {
  /** The MAC addresses that answered, each once, in lower case with colons; none: nobody did. */
  readonly macs: readonly string[];
  /** True when this machine itself has the address: then it does not answer its own question. */
  readonly own: boolean;
}

export interface ArpPort {
  /**
   * Asks the whole segment, by broadcast, for an IPv4 address (RFC 826), more than once and for two
   * seconds: a second owner answers too. The kernel's own neighbour table shows only the one that it
   * heard last. Nobody learns anything from the question: its sender is never the address asked for.
   *
   * @throws CheckFailure `no_privilege` (no arping(8) of iputils or BusyBox, or it may open no raw
   *   socket), `config` (no such interface, or not an IPv4 address), `unreachable` (the interface is
   *   down), `protocol` (the program said something else) or `timeout`.
   */
  whoHas(address: string, options: Limit & { readonly interface: string }): Promise<ArpReport>;
}
