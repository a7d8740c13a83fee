import { systemClock } from '../../src/io/clock.ts';
import { installMaas } from '../support/maas-pair.ts';
import { eventLoop, firstGenerationRows } from '../support/maas-schema.ts';
import type { Pair } from '../support/postgres.ts';
import { SIDE, type Addresses, type Node } from './plan.ts';
import { hasDatabase, type State } from './state.ts';

/** Milliseconds; MAAS: 60 s. */
const REFRESH = 5_000;

/** Above every serial that a fault gives a zone. */
const FIRST_SERIAL = 100_000;

/** MAAS 1.x's tables in the simulated region's real databases, and what its application does to them. */
export class SimTables {
  readonly #pair: Pair;
  readonly #addresses: Addresses;
  #refreshed: { readonly on: Node; readonly at: number } | undefined;

  constructor(pair: Pair, addresses: Addresses) {
    this.#pair = pair;
    this.#addresses = addresses;
  }

  async install(): Promise<void> {
    await installMaas(this.#pair, 1);
    const clusters = this.#addresses.clusters.map(({ name }, index) => ({
      uuid: `5d9a7b0e-0000-4000-8000-00000000003${index + 4}`,
      name,
      zone: `maas${index + 4}`,
      // The seed's network, of which there is a reverse zone; not the loopback one.
      address: `172.31.16.${index + 34}`,
    }));
    await this.#pair.sql('primary', firstGenerationRows(clusters, FIRST_SERIAL));
  }

  /** The active region refreshes its event loop, where it has a database: at once on a new primary. */
  async turn(state: State): Promise<void> {
    const { holder, primary } = state;
    if (holder === undefined || primary === undefined || !hasDatabase(state)) return;
    if (!state.running[holder].region) return;
    const now = systemClock.steady();
    if (this.#refreshed?.on === primary && now - this.#refreshed.at < REFRESH) return;
    const row = eventLoop(`${holder}:pid=1042`, this.#addresses.node[holder], 0);
    await this.#pair.sql(SIDE[primary], `DELETE FROM eventloops; ${row}`);
    this.#refreshed = { on: primary, at: now };
  }
}
