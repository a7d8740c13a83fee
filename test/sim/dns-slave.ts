import type { Endpoint } from '../../src/core/ports/network.ts';
import { seconds, type Clock, type Seconds } from '../../src/core/time.ts';
import { DnsSockets } from '../../src/io/dns.ts';
import { Scope } from '../../src/io/scope.ts';
import { serialDistance } from '../../src/protocol/serial.ts';
import type { SimDnsServer } from './dns-server.ts';

/**
 * Makes a server a slave: at every refresh it asks the master for each of its zones and takes over what
 * is newer, as RFC 1982 has it. A master that went backwards is thus ignored, as BIND does.
 */
export class SimSlave {
  /** Where the zones come from; may move. */
  master: Endpoint;
  /** True = the master cannot be reached. */
  cut = false;
  readonly #server: SimDnsServer;
  readonly #sockets = new DnsSockets();
  readonly #scope: Scope;
  readonly #ended = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(server: SimDnsServer, master: Endpoint, clock: Clock) {
    this.#server = server;
    this.master = master;
    this.#scope = new Scope(clock, this.#ended.signal);
  }

  /** Refreshes now and then every `interval`, until `close`. */
  follow(interval: Seconds): void {
    const turn = (): void => {
      void this.refresh().then(() => {
        if (!this.#ended.signal.aborted) this.#cancel = this.#scope.clock.after(interval, turn);
      });
    };
    turn();
  }

  /** Asks for every zone once; a master that does not answer changes nothing. */
  async refresh(): Promise<void> {
    if (this.cut) return;
    await Promise.allSettled([...this.#server.zones.keys()].map((zone) => this.#transfer(zone)));
  }

  async #transfer(name: string): Promise<void> {
    const reply = await this.#sockets
      .port(this.#scope)
      .query(this.master, { name, type: 'SOA' }, { timeout: seconds(1) });
    const answer = reply.answers[0];
    const zone = this.#server.zones.get(name);
    if (!reply.authoritative || answer?.type !== 'SOA' || zone === undefined) return;
    const ahead = serialDistance(zone.serial, answer.soa.serial);
    if (ahead !== undefined && ahead > 0) zone.serial = answer.soa.serial;
  }

  close(): void {
    this.#cancel();
    this.#ended.abort();
    this.#scope.leave();
    this.#sockets.close();
  }
}
