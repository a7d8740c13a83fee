import { CheckFailure } from '../../core/failure.ts';
import type { PostgresSession } from '../../core/ports/postgres.ts';
import type { Region } from '../../core/region.ts';
import { seconds } from '../../core/time.ts';
import { grantStatement, maasGrants, type MaasGrant } from '../maas/grants.ts';
import { literal } from '../sql-words.ts';
import { canaryStatements } from '../vip-sql/preparation.ts';
import { inDatabase, type Account, type Entered } from './postgres.ts';
import { denied, granted, notKnown, tried, type Remedy, type Right } from './right.ts';

const QUERY = { timeout: seconds(5) };

/** A column of a table, or a whole one, and whether the account may read it. */
type Readable = ReadonlyMap<string, boolean>;
const keyOf = (table: string, column?: string): string => `${table}.${column ?? ''}`;

/** They have another source for what matters most. */
const OPTIONAL: readonly string[] = ['dns-zones'];

/** What does not exist in this version of MAAS gives no row. */
const mayRead = (grants: readonly MaasGrant[]): string => `
SELECT w.name, coalesce(w.col, '') AS col,
       CASE WHEN k.relkind = 'S' THEN has_sequence_privilege(k.oid, 'SELECT')
            WHEN w.col IS NULL THEN has_table_privilege(k.oid, 'SELECT')
            ELSE has_column_privilege(k.oid, w.col, 'SELECT') END::text AS may
FROM (VALUES ${wanted(grants)}) AS w (name, col)
JOIN pg_catalog.pg_class AS k ON k.relname = w.name AND k.relkind IN ('r', 'p', 'v', 'm', 'S')
 AND pg_catalog.pg_table_is_visible(k.oid)
WHERE w.col IS NULL OR EXISTS (
  SELECT 1 FROM pg_catalog.pg_attribute AS a
  WHERE a.attrelid = k.oid AND a.attname = w.col AND NOT a.attisdropped)`;

const wanted = (grants: readonly MaasGrant[]): string =>
  grants
    .flatMap(({ table, columns }) =>
      (columns ?? [undefined]).map((column) => [table, column] as const),
    )
    .map(
      ([table, column]) =>
        `(${literal(table)}::text, ${column === undefined ? 'NULL' : literal(column)}::text)`,
    )
    .join(', ');

/** What the account may read of MAAS's own tables: one right for each check that reads them. */
export async function maasRights(
  { name, generation }: Region,
  account: Account,
  { session, node }: Entered,
): Promise<readonly Right[]> {
  const grants = maasGrants(generation);
  const checks = [...new Set(grants.flatMap((grant) => grant.for))];
  const rows = await tried(session.query(mayRead(grants), QUERY));
  const readable: Readable | CheckFailure =
    rows instanceof CheckFailure
      ? rows
      : new Map(
          rows.map((row) => [keyOf(row['name'] ?? '', row['col'] ?? ''), row['may'] === 'true']),
        );
  return checks.map((check) => {
    const about = {
      checks: [check],
      what: 'read what it needs of MAAS’s tables',
      where: node.name,
      needed: !OPTIONAL.includes(check),
    };
    if (readable instanceof CheckFailure) return notKnown(about, readable.message);
    const own = grants.filter((grant) => grant.for.includes(check));
    const missing = own.flatMap((grant) => lacking(grant, readable));
    if (own.every((grant) => !exists(grant, readable)))
      return notKnown(
        about,
        `${account.database} has no table of MAAS of generation ${generation} (region ${name})`,
      );
    return missing.length === 0
      ? granted(about)
      : denied(
          about,
          `${account.user} may not read ${missing.map(({ table }) => table).join(', ')}`,
          {
            host: 'primary',
            into: inDatabase(account),
            lines: missing.map((grant) => grantStatement(grant, account.user)),
          },
        );
  });
}

const partsOf = ({ table, columns }: MaasGrant): readonly string[] =>
  (columns ?? ['']).map((column) => keyOf(table, column));

const exists = (grant: MaasGrant, readable: Readable): boolean =>
  partsOf(grant).some((part) => readable.has(part));

/** The grant as far as something is missing; of columns that this version has not, nothing is said. */
function lacking(grant: MaasGrant, readable: Readable): readonly MaasGrant[] {
  const { table, columns } = grant;
  if (!partsOf(grant).some((part) => readable.get(part) === false)) return [];
  const there = columns?.filter((column) => readable.has(keyOf(table, column)));
  return [there === undefined ? grant : { ...grant, columns: there }];
}

/** Whether the one table that the monitor writes to is there, with its row, and may be changed. Nothing is written. */
export async function canaryRight(
  region: Region,
  account: Account,
  { session, node }: Entered,
): Promise<readonly Right[]> {
  const { canary } = account;
  if (canary === undefined) return [];
  const about = {
    checks: ['postgres-vip'],
    what: `write to the canary ${canary.table}`,
    where: node.name,
  };
  const remedy: Remedy = {
    host: 'primary',
    into: inDatabase(account),
    lines: canaryStatements(region.name, account.user, canary.table),
  };
  const [table, row] = await canaryState(session, canary.table, region.name);
  if (table instanceof CheckFailure)
    return [
      table.code === 'version' || table.facts['sqlstate'] === '3F000'
        ? denied(about, 'there is no such table', remedy)
        : notKnown(about, table.message),
    ];
  if (!table) return [denied(about, `${account.user} may not read and update it`, remedy)];
  if (row instanceof CheckFailure) return [notKnown(about, row.message)];
  return [row ? granted(about) : denied(about, `it has no row for ${region.name}`, remedy)];
}

async function canaryState(session: PostgresSession, table: string, region: string) {
  const name = literal(table);
  const may = await tried(
    session.query(
      `SELECT (has_table_privilege(${name}, 'SELECT') AND has_table_privilege(${name}, 'UPDATE'))::text AS may`,
      QUERY,
    ),
  );
  if (may instanceof CheckFailure) return [may, undefined] as const;
  if (may[0]?.['may'] !== 'true') return [false, undefined] as const;
  const rows = await tried(
    session.query(`SELECT 1 AS one FROM ${table} WHERE region = ${literal(region)}`, QUERY),
  );
  return [true, rows instanceof CheckFailure ? rows : rows.length === 1] as const;
}
