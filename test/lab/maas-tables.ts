import { firstGenerationRows, maasGrantsFor, maasTables } from '../support/maas-schema.ts';
import { ADDRESS, UUID } from './plan.ts';

/** Where the lab's sequence of zone serials begins: above every serial that a fault gives a zone. */
export const FIRST_SERIAL = 100_000;

/**
 * What MAAS 1.x has in its database besides the event loops, which the region keeps: the two clusters with
 * their zones, no error, and the sequence. The monitor's role may read what its checks need, and nothing else.
 */
export const MAAS_TABLES = `
SET ROLE maas;
${maasTables(1)}
${maasGrantsFor(1)}
${firstGenerationRows(
  [
    { uuid: UUID.cc1, name: 'cc1', zone: 'maas4', address: ADDRESS.cc1 },
    { uuid: UUID.cc2, name: 'cc2', zone: 'maas5', address: ADDRESS.cc2 },
  ],
  FIRST_SERIAL,
)}
`;
