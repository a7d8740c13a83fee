import type { Secret } from '../secret.ts';
import type { Limit } from './network.ts';

export type PingMethod = 'GET' | 'POST';

export interface PingReply {
  readonly status: number;
  /** Decoded as UTF-8; at most 4 KiB. */
  readonly body: string;
}

/** The hand of the dead man. */
export interface PingPort {
  /**
   * One request on a connection of its own; redirects are reported, not followed, and proxies of the
   * environment are not used. Whoever knows such a URL can pretend to be alive: it is a secret.
   *
   * @throws CheckFailure `refused`, `unreachable`, `resolve`, `timeout`, `tls`, `config` (no http or
   *   https URL), `cancelled` (the signal), or `protocol` (not HTTP, or an answer of more than 4 KiB).
   *   Its message names host and port, never more of the URL.
   */
  ping(
    url: Secret,
    options: Limit & { readonly method: PingMethod; readonly signal: AbortSignal },
  ): Promise<PingReply>;
}
