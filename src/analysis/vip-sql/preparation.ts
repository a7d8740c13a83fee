import { literal, quoted } from '../sql-words.ts';

/** The SQL that makes the table, its one row, and the right to change that row and no more. */
export function canaryStatements(region: string, user: string, table: string): readonly string[] {
  const role = quoted(user);
  const [schema] = table.includes('.') ? table.split('.') : [];
  return [
    ...(schema === undefined
      ? []
      : [`CREATE SCHEMA IF NOT EXISTS ${schema};`, `GRANT USAGE ON SCHEMA ${schema} TO ${role};`]),
    `CREATE TABLE IF NOT EXISTS ${table} (region text PRIMARY KEY, token text NOT NULL, written_at timestamptz NOT NULL);`,
    `INSERT INTO ${table} SELECT ${literal(region)}, '', now() WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE region = ${literal(region)});`,
    `GRANT SELECT, UPDATE ON ${table} TO ${role};`,
  ];
}
