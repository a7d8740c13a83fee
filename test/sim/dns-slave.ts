import type { Endpoint } from '../../src/core/ports/network.ts';
import {
  between,
  instant,
  seconds,
  type Clock,
  type Instant,
  type Seconds,
} from '../../src/core/time.ts';
import { DnsSockets } from '../../src/io/dns.ts';
import { Scope } from '../../src/io/scope.ts';
import { serialDistance } from '../../src/protocol/serial.ts';
import type { SimDnsServer } from './dns-server.ts';

/** The name outside of MAAS that the master of the simulation resolves. */
export const OUTSIDE = { name: 'www.example.org', address: '192.0.2.80' } as const;

/**
 * Makes a server a slave: at every refresh it asks the master for each of its zones and takes over what
 * is newer, as RFC 1982 has it. A master that went backwards is thus ignored, as BIND does.
 */
export class SimSlave {
  /** Where the zones come from; may move. */
  master: Endpoint;
  #cut = false;
  /** When it last heard of its master, on the steady clock. */
  #heard: Instant;
  readonly #server: SimDnsServer;
  readonly #sockets = new DnsSockets();
  readonly #scope: Scope;
  readonly #ended = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(server: SimDnsServer, master: Endpoint, clock: Clock) {
    this.#server = server;
    this.master = master;
    this.#scope = new Scope(clock, this.#ended.signal);
    this.#heard = clock.steady();
    server.silentFor = () => between(this.#heard, clock.steady());
  }

  get cut(): boolean {
    return this.#cut;
  }

  /** True = the master cannot be reached, and could not for an hour, so that nobody has to wait for it. */
  set cut(is: boolean) {
    this.#cut = is;
    if (is) this.#heard = instant(this.#heard - 3_600_000);
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
    await this.#forward();
    if (this.#cut) return;
    await Promise.allSettled([...this.#server.zones.keys()].map((zone) => this.#transfer(zone)));
  }

  /** What the master resolves, the slave resolves by way of it. */
  async #forward(): Promise<void> {
    const { outside } = this.#server;
    const question = { name: OUTSIDE.name, type: 'A', recurse: true } as const;
    const reply = this.#cut
      ? undefined
      : await this.#sockets
          .port(this.#scope)
          .query(this.master, question, { timeout: seconds(1) })
          .catch(() => undefined);
    const [answer] = reply?.answers ?? [];
    if (answer?.type === 'A') outside.set(OUTSIDE.name, answer.address);
    else outside.delete(OUTSIDE.name);
  }

  async #transfer(name: string): Promise<void> {
    const reply = await this.#sockets
      .port(this.#scope)
      .query(this.master, { name, type: 'SOA' }, { timeout: seconds(1) });
    const answer = reply.answers[0];
    const zone = this.#server.zones.get(name);
    if (!reply.authoritative || answer?.type !== 'SOA' || zone === undefined) return;
    const ahead = serialDistance(zone.serial, answer.soa.serial);
    if (ahead === undefined || ahead < 0) return;
    // An answer that is older renews nothing (RFC 1035 section 4.3.5).
    this.#heard = this.#scope.clock.steady();
    zone.serial = answer.soa.serial;
  }

  close(): void {
    this.#cancel();
    this.#ended.abort();
    this.#scope.leave();
    this.#sockets.close();
  }
}
