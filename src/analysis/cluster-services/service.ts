import type { Ports } from '../../core/ports/ports.ts';
import type { Cluster, Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';

/**
 * What a service of a cluster is like:
 *
 * - `serving`  it answers, and has what it was asked for
 * - `lacking`  it answers, and has not: no such file, no such target, an empty page
 * - `garbled`  something answers that is not this service, or breaks its protocol
 * - `refused`  the host says that nobody listens
 * - `silent`   no answer comes
 * - `unheard`  it never answers by its nature (syslog over UDP), and nothing refused it: that is not known
 */
export const SERVICE_STATES = [
  'serving',
  'lacking',
  'garbled',
  'refused',
  'silent',
  'unheard',
] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];

/** What one exchange with a service brought. */
export interface Served {
  /** In words for people: what it gave, or what it said instead. */
  readonly says: string;
  /** It answers, and does not have what it was asked for. */
  readonly lacks?: true;
  /** It cannot answer, and nobody refused it: whether it is there is not known. */
  readonly unheard?: true;
}

/** One service as the configuration names it (`services: [tftp]`): how it is asked. */
export interface Service {
  /** How people call it. */
  readonly title: string;
  /**
   * One exchange, within `EXCHANGE`.
   *
   * @throws CheckFailure `refused`, `timeout`, `unreachable` or `protocol`, which are findings here; any
   *   other says that the monitor could not look.
   */
  look(io: Ports, cluster: Cluster, region: Region): Promise<Served>;
}

/** The longest that one service may take: all of them are asked at the same time. */
export const EXCHANGE = { timeout: seconds(4) };
