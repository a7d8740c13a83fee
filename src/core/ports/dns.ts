import type { Seconds } from '../time.ts';
import type { Endpoint, Limit } from './network.ts';

export interface Question {
  readonly name: string;
  readonly type: 'SOA' | 'A' | 'TXT';
  /** `CH` asks the server about itself (`hostname.bind`). Default `IN`. */
  readonly class?: 'IN' | 'CH';
  /** Ask the server to resolve it elsewhere. Default false: only what it knows itself. */
  readonly recurse?: boolean;
  /** Ask a slave how long its copy lives if it hears no more of its master (EDNS EXPIRE, RFC 7314). */
  readonly expire?: boolean;
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
  /** How long the server's copy lives from now on; absent where that was not asked, or it does not say. */
  readonly expiresIn?: Seconds;
  /** `tcp` after a truncated UDP answer, or when it was asked for. */
  readonly transport: 'udp' | 'tcp';
  readonly took: Seconds;
}

/** A whole zone, in so few words that two of them can be compared and one be remembered. */
export interface ZoneTransfer {
  readonly serial: number;
  /** Different records, without the SOA. */
  readonly records: number;
  /**
   * Equal where the zones have the same records: SHA-256 over the set of them, names in lower case. SOA
   * and TTLs are left out: they change no answer to "which address?".
   */
  readonly digest: string;
  /** As they came over the wire. */
  readonly octets: number;
  readonly took: Seconds;
}

export interface DnsPort {
  /**
   * Asks one server one question. UDP first, again over TCP when the answer was truncated; `tries`
   * datagrams at most (default 2), sharing `timeout` evenly. Any rcode is a reply. A server that does not
   * know EDNS (FORMERR or NOTIMP) is asked once more without, where `expire` needs it.
   *
   * @throws CheckFailure `timeout`, `refused` (the port is closed), `unreachable` or `protocol`.
   */
  query(
    server: Endpoint,
    question: Question,
    options: Limit & { readonly tries?: number; readonly transport?: 'udp' | 'tcp' },
  ): Promise<DnsReply>;

  /**
   * Reads a whole zone by AXFR (RFC 5936). It costs the server and the line as much as the zone is long.
   *
   * @param limit `octets`: what is longer is not read to its end (default 8 MiB).
   * @throws CheckFailure as `query`; `no_privilege` where the server gives this zone to nobody like us
   *   (REFUSED, NOTAUTH), `version` where it knows no AXFR, and `protocol` for any other error, for a zone
   *   that is not whole, or that does not end.
   */
  transfer(
    server: Endpoint,
    zone: string,
    limit: Limit & { readonly octets?: number },
  ): Promise<ZoneTransfer>;
}
