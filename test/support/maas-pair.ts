import { Secret } from '../../src/core/secret.ts';
import type { Region } from '../../src/core/region.ts';
import { maasGrantsFor, maasTables } from './maas-schema.ts';
import type { Pair, Side } from './postgres.ts';
import { region } from './region.ts';

/** Makes MAAS's role and tables on the primary, and gives the monitor's role what its checks need. */
export const installMaas = (pair: Pair, generation: 1 | 2, side: Side = 'primary') =>
  pair.sql(
    side,
    `CREATE ROLE maas; ALTER DATABASE maasdb OWNER TO maas; SET ROLE maas;
     ${maasTables(generation)} ${maasGrantsFor(generation)}`,
  );

/** Runs statements as MAAS does. */
export const asMaas = (pair: Pair, text: string, side: Side = 'primary') =>
  pair.sql(side, `SET ROLE maas; ${text}`);

/** A region whose databases are this pair. */
export const regionOf = (
  pair: Pair,
  changes: Partial<Region> = {},
  user: string = pair.user,
): Region => {
  const { dns, ...rest } = region({
    nodes: [
      { name: 'rc1', address: pair.place.primary.host },
      { name: 'rc2', address: pair.place.standby.host },
    ],
    clusters: [
      {
        name: 'maas4',
        address: '172.31.16.34',
        uuid: '5d9a7b0e-0000-4000-8000-000000000034',
        services: [],
      },
      { name: 'maas5', address: '172.31.16.35', services: [] },
    ],
    postgres: { port: 5432, user, password: new Secret(pair.password), database: pair.database },
    ...changes,
  });
  // Without name servers, unless a test is about them.
  return dns !== undefined && changes.dns !== undefined ? { ...rest, dns } : rest;
};
