import type { Tls } from '../region.ts';
import type { Seconds } from '../time.ts';

/** Where something listens. `host` is an IP literal: the monitor resolves no names while it looks. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Limit {
  /** The longest that this one exchange may take; the run's own deadline holds besides. */
  readonly timeout: Seconds;
}

export interface PingReport {
  /** `raw` = our own ICMP socket, `ping` = the system's ping(8). */
  readonly method: 'raw' | 'ping';
  readonly sent: number;
  readonly received: number;
  /** One per reply, in the order of sending; finer than a millisecond. */
  readonly roundTrips: readonly Seconds[];
}

export interface IcmpPort {
  /**
   * Sends `count` echo requests, `interval` apart, and waits at most `timeout` for each reply.
   * A host that does not answer is a report with 0 received, not a failure.
   *
   * @throws CheckFailure `no_privilege` when neither a raw socket nor ping(8) may be used.
   */
  ping(
    address: string,
    options: Limit & { readonly count: number; readonly interval: Seconds },
  ): Promise<PingReport>;
}

export interface TcpPort {
  /**
   * Opens a connection and closes it at once.
   *
   * @throws CheckFailure `refused`, `unreachable` or `timeout`.
   */
  connect(to: Endpoint, limit: Limit): Promise<{ readonly took: Seconds }>;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded as UTF-8. */
  readonly body: string;
  readonly took: Seconds;
  /** How long each phase took that it went through; absent where nobody measured. */
  readonly phases?: Readonly<Partial<Record<HttpPhase, Seconds>>>;
  /** When the server's own certificate expires, in epoch seconds; present over https. */
  readonly certificateExpires?: number;
}

/** How far a request came: the failure's fact `phase` says where it stopped. */
export const HTTP_PHASES = ['connect', 'tls', 'first byte', 'body'] as const;
export type HttpPhase = (typeof HTTP_PHASES)[number];

export interface HttpOptions extends Limit {
  /** Of the body; default 1 MiB. */
  readonly maxBytes?: number;
  /**
   * For https: who vouches for the certificate, and the name that must be in it. With a name the server
   * is asked by that name (SNI and Host), whatever address the URL has.
   */
  readonly tls?: Tls;
  /** A proxy to ask instead of the URL's own host: it is given the whole URL (RFC 9112 section 3.2.2). */
  readonly via?: Endpoint;
  /** Caches on the way must ask the origin again: `Cache-Control: no-cache` (RFC 9111 section 5.2.1.4). */
  readonly fresh?: boolean;
}

export interface HttpPort {
  /**
   * One GET on a connection of its own. Redirects are reported, not followed; a body is taken as it
   * comes, never unpacked (none is asked to be packed); proxies of the environment are not used.
   *
   * @throws CheckFailure `refused`, `unreachable`, `timeout`, `tls`, `config` (no http or https URL; https
   *   `via` a proxy, of which nothing but the tunnel could be judged), or `protocol` (not HTTP, or
   *   a body of more than `maxBytes`). Its fact `phase` is one of `HTTP_PHASES`; of a certificate that is
   *   not accepted, the facts `reason` and `certificateExpires` (epoch seconds) say more.
   */
  get(url: string, options: HttpOptions): Promise<HttpReply>;
}
