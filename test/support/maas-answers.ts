import { managed } from '../../src/analysis/dns/maas-zones.ts';
import { HELLO_SQL } from '../../src/analysis/maas/database.ts';
import { maasGrants } from '../../src/analysis/maas/grants.ts';
import * as questions from '../../src/analysis/maas/questions.ts';
import type { Row } from '../../src/core/ports/postgres.ts';

/* What a healthy MAAS's tables answer, where no real server is at hand. */

/** The first answer to everything: the role, and which tables there are. */
export const greeting = (generation: 1 | 2, changes: Row = {}): Row => ({
  recovering: 'false',
  replayed: null,
  visible: [...new Set(maasGrants(generation).map(({ table }) => table))].join(' '),
  hidden: null,
  ...changes,
});

const { eventLoops, componentErrors, foreignServers, zoneSerial } = questions;

const FIRST: ReadonlyMap<string, readonly Row[]> = new Map<string, readonly Row[]>([
  [eventLoops.sql, [{ name: 'rc1:pid=10', address: '172.31.16.32', port: '5250', age: '12.5' }]],
  [componentErrors.sql, []],
  [foreignServers.sql, []],
  [zoneSerial.sql, [{ last_value: '102', is_called: 'true' }]],
  [managed.sql, [{ zone: 'maas3', ip: '172.31.16.34', mask: '255.255.255.0' }]],
]);

/** The database of a region of MAAS 2.0 and later, beside the one of MAAS 1.x. */
export const SECOND_DATABASE = 'maas2';

const { rackConnections, liveProcesses } = questions;
const SECOND: ReadonlyMap<string, readonly Row[]> = new Map<string, readonly Row[]>([
  [rackConnections.sql, [{ hostname: 'maas4', system_id: 'abc', process: '1' }]],
  [liveProcesses.sql, [{ id: '1', age: '12.5' }]],
]);

/** The answer of a server of MAAS to one question; undefined for one that is not about MAAS. */
export function maasAnswer(
  sql: string,
  { recovering, database }: { readonly recovering: boolean; readonly database: string },
): readonly Row[] | undefined {
  const generation = database === SECOND_DATABASE ? 2 : 1;
  if (sql === HELLO_SQL)
    return [greeting(generation, recovering ? { recovering: 'true', replayed: '4.5' } : {})];
  return (generation === 1 ? FIRST : SECOND).get(sql);
}
