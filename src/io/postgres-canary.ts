import { CheckFailure } from '../core/failure.ts';
import type { CanaryPort } from '../core/ports/postgres.ts';
import { between, seconds, type Seconds } from '../core/time.ts';
import type { Link } from './postgres-link.ts';
import type { Scope } from './scope.ts';

type Options = Parameters<CanaryPort['write']>[1];

/** With or without its schema; nothing that would have to be quoted. */
const TABLE = /^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$/;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Updates the region's row and reads it back, both through the same connection. The read must not go to
 * a standby, which may not have the row yet: pgpool leaves a statement with this comment to the primary.
 */
export async function writeCanary(
  scope: Scope,
  { table, region, timeout }: Options,
  connect: (timeout: Seconds) => Promise<Link>,
): Promise<{ readonly took: Seconds; readonly kept: boolean }> {
  if (!TABLE.test(table)) throw new CheckFailure('config', `${table} is no name of a table`);
  const began = scope.clock.steady();
  const left = (): Seconds => seconds(timeout - between(began, scope.clock.steady()));
  const link = await connect(timeout);
  const connectedAt = scope.clock.steady();
  const token = `maasha-${scope.clock.now()}`;
  const row = `WHERE region = ${literal(region)}`;
  const [written] = await link.ask(
    scope,
    `UPDATE ${table} SET token = ${literal(token)}, written_at = clock_timestamp() ${row} RETURNING token`,
    left(),
  );
  if (written === undefined)
    throw new CheckFailure('config', `${table} has no row for ${region}`, {
      facts: { missing: 'row' },
    });
  const [read] = await link.ask(
    scope,
    `/*NO LOAD BALANCE*/ SELECT token FROM ${table} ${row}`,
    left(),
  );
  return {
    took: between(connectedAt, scope.clock.steady()),
    kept: read?.['token'] === token,
  };
}
