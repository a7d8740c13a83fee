import { quoted } from '../sql-words.ts';

/**
 * The SQL that lets a role see all of `pg_stat_replication` and `pg_stat_wal_receiver`: to be run once, on
 * the primary, by a superuser; the standbys get it by replication.
 *
 * From PostgreSQL 10 on there is a role for that (manual section 22.5, "Predefined Roles"). Before, only a
 * superuser sees them: then functions of a superuser (SECURITY DEFINER) look for it, and views over them take
 * the place of the system's own, for this one role, by its search_path. They must be made in the database that
 * the monitor logs in to.
 */
export function statisticsOf(
  version: number,
  user: string,
  views: readonly string[] = replicationViews(version),
): readonly string[] {
  const role = quoted(user);
  if (version >= 100_000) return [`GRANT pg_monitor TO ${role};`];
  return [
    'CREATE SCHEMA IF NOT EXISTS maasha;',
    `GRANT USAGE ON SCHEMA maasha TO ${role};`,
    ...views.flatMap((view) => [
      `CREATE FUNCTION maasha.all_of_${view}() RETURNS SETOF pg_catalog.${view} LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT * FROM pg_catalog.${view}';`,
      `REVOKE ALL ON FUNCTION maasha.all_of_${view}() FROM PUBLIC;`,
      `GRANT EXECUTE ON FUNCTION maasha.all_of_${view}() TO ${role};`,
      `CREATE VIEW maasha.${view} AS SELECT * FROM maasha.all_of_${view}();`,
      `GRANT SELECT ON maasha.${view} TO ${role};`,
    ]),
    `ALTER ROLE ${role} SET search_path = maasha, pg_catalog, public;`,
  ];
}

const replicationViews = (version: number): readonly string[] => [
  'pg_stat_replication',
  ...(version >= 90_600 ? ['pg_stat_wal_receiver'] : []),
];
