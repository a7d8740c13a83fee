import type { Seconds } from '../time.ts';
import type { Endpoint, Limit } from './network.ts';

/** What an event loop of the region said on its RPC port. */
export interface AmpGreeting {
  /** What the region asked first: `Identify` = MAAS 1.x, `Authenticate` = 2.0 and later. */
  readonly asked: string;
  /** From the connection's opening to the greeting. */
  readonly took: Seconds;
}

export interface AmpAuthentication {
  readonly digest: Uint8Array;
  readonly salt: Uint8Array;
  /** From question to answer. */
  readonly took: Seconds;
}

/** One connection to an event loop; closed with the run. It never answers what the region asks. */
export interface AmpSession {
  readonly greeting: AmpGreeting;
  /** Asks the region to prove that it holds the secret; `message` is 16 bytes of our choice. */
  authenticate(message: Uint8Array, limit: Limit): Promise<AmpAuthentication>;
}

export interface AmpPort {
  /**
   * Connects and waits for the region's first question, which stays unanswered.
   *
   * @throws CheckFailure `refused`, `unreachable`, `timeout` (a hung reactor accepts and stays silent, as
   *   does a web server) or `protocol`. The fact `phase` is `connect` where no connection came about.
   */
  greet(loop: Endpoint, limit: Limit): Promise<AmpSession>;
}
