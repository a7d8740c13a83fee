import type { Seconds } from '../time.ts';
import type { Endpoint, Limit } from './network.ts';

export interface Question {
  readonly name: string;
  readonly type: 'SOA' | 'A' | 'TXT';
  /** `CH` asks the server about itself (`hostname.bind`). Default `IN`. */
  readonly class?: 'IN' | 'CH';
  /** Ask the server to resolve it elsewhere. Default false: only what it knows itself. */
  readonly recurse?: boolean;
}

/** RFC 1035 section 3.3.13; times in seconds. */
export interface Soa {
  readonly primary: string;
  readonly mailbox: string;
  readonly serial: number;
  readonly refresh: Seconds;
  readonly retry: Seconds;
  readonly expire: Seconds;
  readonly minimum: Seconds;
}

export type DnsRecord =
  | { readonly type: 'SOA'; readonly name: string; readonly soa: Soa }
  | { readonly type: 'TXT'; readonly name: string; readonly text: string }
  | { readonly type: 'A'; readonly name: string; readonly address: string }
  | { readonly type: 'other'; readonly name: string };

export interface DnsReply {
  /** `NOERROR`, `SERVFAIL`, `NXDOMAIN`, `REFUSED`, …; the number as text where it has no name. */
  readonly rcode: string;
  /** The AA flag. */
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  /** `tcp` after a truncated UDP answer, or when it was asked for. */
  readonly transport: 'udp' | 'tcp';
  readonly took: Seconds;
}

export interface DnsPort {
  /**
   * Asks one server one question. UDP first, again over TCP when the answer was truncated; `tries`
   * datagrams at most (default 2), sharing `timeout` evenly. Any rcode is a reply.
   *
   * @throws CheckFailure `timeout`, `refused` (the port is closed), `unreachable` or `protocol`.
   */
  query(
    server: Endpoint,
    question: Question,
    options: Limit & { readonly tries?: number; readonly transport?: 'udp' | 'tcp' },
  ): Promise<DnsReply>;
}
