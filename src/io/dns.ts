import { isIP } from 'node:net';
import { CheckFailure } from '../core/failure.ts';
import type { DnsPort, DnsReply, Question } from '../core/ports/dns.ts';
import type { Endpoint } from '../core/ports/network.ts';
import { between, seconds, type Instant, type Seconds } from '../core/time.ts';
import { decodeMessage, encodeQuestion, isTruncated } from '../protocol/dns.ts';
import { transfer } from './dns-axfr.ts';
import { askOverTcp } from './dns-tcp.ts';
import { UdpChannel, type Exchange } from './dns-udp.ts';
import { bounded, socketFailure, type Scope } from './scope.ts';

type Options = Parameters<DnsPort['query']>[2];

const TRIES = 2;
/** What a server answers that does not know EDNS (RFC 6891 section 7). */
const KNOWS_NO_EDNS: readonly string[] = ['FORMERR', 'NOTIMP'];
/** A socket unused for this long is closed when the next one is opened. */
const IDLE = seconds(600);

/**
 * The DNS client of the process: one UDP socket per server, kept from run to run, with many questions
 * outstanding. The sockets do not keep a process alive; a question that waits does.
 */
export class DnsSockets {
  readonly #channels = new Map<string, { readonly channel: UdpChannel; readonly used: Instant }>();
  #closed = false;

  port(scope: Scope): DnsPort {
    return {
      query: (server, question, options) => this.#query(scope, server, question, options),
      transfer: async (server, zone, limit) => {
        refuseName(server, `DNS AXFR ${zone}`);
        return transfer(scope, server, zone, limit);
      },
    };
  }

  close(): void {
    this.#closed = true;
    for (const { channel } of this.#channels.values()) channel.retire();
    this.#channels.clear();
  }

  /** How many sockets are kept: a test's proof that none was left behind. */
  get kept(): number {
    return [...this.#channels.values()].filter(({ channel }) => channel.usable).length;
  }

  async #query(
    scope: Scope,
    server: Endpoint,
    question: Question,
    { timeout, tries = TRIES, transport = 'udp' }: Options,
  ): Promise<DnsReply> {
    const start = scope.clock.steady();
    const spent = (): Seconds => between(start, scope.clock.steady());
    const what = `DNS ${question.type} ${question.name} at ${server.host} port ${server.port}`;
    refuseName(server, what);
    const query = encodeQuestion(question);
    let message: Uint8Array | undefined;
    if (transport === 'udp') {
      message = await this.#askOverUdp(scope, server, query, { timeout, tries }, what);
    }
    const over = message === undefined || isTruncated(message) ? 'tcp' : 'udp';
    if (message === undefined || over === 'tcp') {
      message = await askOverTcp(
        scope,
        server,
        query,
        seconds(timeout - spent()),
        `${what} over TCP`,
      );
    }
    const reply = { ...decodeMessage(message), transport: over, took: spent() } as const;
    if (question.expire !== true || !KNOWS_NO_EDNS.includes(reply.rcode)) return reply;
    const left = { timeout: seconds(timeout - spent()), tries, transport };
    return this.#query(scope, server, { ...question, expire: false }, left);
  }

  #askOverUdp(
    scope: Scope,
    server: Endpoint,
    query: Uint8Array,
    { timeout, tries }: { readonly timeout: Seconds; readonly tries: number },
    what: string,
  ): Promise<Uint8Array> {
    const channel = this.#channel(server, scope.clock.steady());
    return bounded(scope, timeout, what, ({ resolve, reject }) => {
      const pause = seconds(timeout / tries);
      let left = tries - 1;
      let cancel: () => void = () => undefined;
      const repeatLater = (): void => {
        if (left < 1) return;
        left -= 1;
        cancel = scope.clock.after(pause, () => {
          channel.repeat(exchange);
          repeatLater();
        });
      };
      const exchange: Exchange = {
        query,
        sent: repeatLater,
        answered: resolve,
        failed: (error) => {
          reject(socketFailure(error, what));
        },
      };
      channel.ask(exchange);
      return (well) => {
        cancel();
        channel.release(exchange, well);
      };
    });
  }

  #channel(server: Endpoint, now: Instant): UdpChannel {
    if (this.#closed) throw new CheckFailure('cancelled', 'the DNS sockets are closed');
    const key = `${server.host} ${server.port}`;
    let channel = this.#channels.get(key)?.channel;
    if (channel?.usable !== true) {
      this.#sweep(now);
      channel = new UdpChannel(server);
    }
    this.#channels.set(key, { channel, used: now });
    return channel;
  }

  /** Closes what nobody has used for long, such as the sockets of a region that is gone. */
  #sweep(now: Instant): void {
    for (const [key, { channel, used }] of this.#channels) {
      if (between(used, now) < IDLE || !channel.idle) continue;
      channel.retire();
      this.#channels.delete(key);
    }
  }
}

function refuseName({ host }: Endpoint, what: string): void {
  if (isIP(host) !== 0) return;
  throw new CheckFailure('config', `${what}: the server is not given by its address`);
}
