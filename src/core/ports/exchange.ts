import type { Endpoint, Limit } from './network.ts';

/** What a step of a dialogue makes of the bytes that have come so far. */
export interface Step<Result> {
  /** The bytes that were not used up. */
  readonly rest: Uint8Array;
  /** What to say next. */
  readonly send?: Uint8Array;
  /** Ends the dialogue; `send` is still sent, as a farewell. */
  readonly result?: Result;
}

/** Over TCP: who speaks first, and what follows from what is heard. */
export interface Dialogue<Result> {
  /** For messages: `iSCSI`. */
  readonly protocol: string;
  /** Said as soon as the connection stands; absent where the peer speaks first. */
  readonly opening?: Uint8Array;
  /**
   * Called with all bytes that are not used up yet, whenever some have come. Undefined: more must follow.
   *
   * @throws CheckFailure `protocol` or `auth`: what came breaks the protocol, or says no.
   */
  readonly step: (heard: Uint8Array) => Step<Result> | undefined;
  /** More unused bytes than any honest peer sends; default 64 KiB. */
  readonly maxBytes?: number;
}

export interface StreamPort {
  /**
   * Talks over one TCP connection of its own, and closes it.
   *
   * @throws CheckFailure `refused`, `unreachable`, `timeout`, `protocol` (also: closed before the end), or
   *   what `step` threw.
   */
  talk<Result>(to: Endpoint, dialogue: Dialogue<Result>, limit: Limit): Promise<Result>;
}

export interface Datagram {
  readonly from: Endpoint;
  readonly bytes: Uint8Array;
}

/** Over UDP: one question, and what may come back. */
export interface Question<Result> {
  /** For messages: `TFTP`. */
  readonly protocol: string;
  readonly bytes: Uint8Array;
  /**
   * What a reply comes to; undefined: it is not ours, wait for another. Only datagrams of the host that was
   * asked come here, from whatever port (TFTP answers from another one, RFC 1350 section 4).
   *
   * @throws CheckFailure `protocol`
   */
  readonly read: (reply: Datagram) => Result | undefined;
  /** Sent to where the answer came from, once it is understood: an abort, so that nobody waits for us. */
  readonly farewell?: (reply: Datagram) => Uint8Array | undefined;
  /** Asked again, at even distances within the limit, as long as nothing has come; default 1. */
  readonly tries?: number;
}

export interface UdpPort {
  /**
   * Asks from a port of its own.
   *
   * @throws CheckFailure `refused` (the host says by ICMP that nobody listens), `unreachable`, `timeout`, or
   *   what `read` threw.
   */
  ask<Result>(to: Endpoint, question: Question<Result>, limit: Limit): Promise<Result>;
}
