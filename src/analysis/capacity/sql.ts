import { currentFlush, refuseAncient, words, type Words } from '../replication/sql.ts';

/** The queries about what a server may run out of, in the words that a server of one version understands. */
export interface CapacitySql {
  /** One row on any node: `LimitsColumn`. */
  readonly limits: string;
  /** The tightest limits of roles and databases: `NarrowColumn`, few rows, the tightest first. */
  readonly narrow: string;
  /** One row per permanent replication slot: `SlotColumn`; undefined before 9.4, which has none. */
  readonly slots: string | undefined;
  /** One row on a primary: `FilesColumn`; undefined before 10, where only a superuser may list files. */
  readonly files: string | undefined;
}

export type LimitsColumn =
  | 'connections'
  | 'max_connections'
  | 'reserved'
  | 'keep'
  | 'keep_unit'
  | 'segment'
  | 'segment_unit'
  | 'slot_keep'
  | 'slot_keep_unit';

export type NarrowColumn = 'kind' | 'name' | 'connections' | 'allowed';

export type SlotColumn =
  'slot_name' | 'active' | 'restart_lsn' | 'here' | 'status' | 'safe' | 'inactive_seconds';

export type FilesColumn = 'oldest' | 'files';

/** What differs from version to version, each named once. */
const abilities = (version: number) => ({
  hasSlots: version >= 90_400,
  // Senders have had a pool of their own since 12; before, each takes one of max_connections.
  sendersCount: version < 120_000,
  hasBackendType: version >= 100_000,
  hasTemporarySlots: version >= 100_000,
  hasWalList: version >= 100_000,
  keepsBytes: version >= 130_000,
  limitsSlots: version >= 130_000,
  hasReservedRole: version >= 160_000,
  tellsInactive: version >= 170_000,
});

type Abilities = ReturnType<typeof abilities>;

/** @throws CheckFailure `version` for a server older than 9.3. */
export function capacitySql(version: number): CapacitySql {
  refuseAncient(version);
  const able = abilities(version);
  return {
    limits: limits(able),
    narrow: NARROW,
    slots: able.hasSlots ? slots(words(version), able) : undefined,
    files: able.hasWalList ? FILES : undefined,
  };
}

/**
 * Every role may count sessions, but only members of pg_monitor see of what kind each is: for others a
 * parallel worker counts as a client. The sizes come with their units, which differ between versions:
 * blocks, segments, MB (`pg_settings`).
 */
const limits = (able: Abilities): string => `
SELECT (SELECT count(*) FROM pg_stat_activity
        WHERE datid IS NOT NULL AND usesysid IS NOT NULL${
          able.hasBackendType
            ? `
          AND coalesce(backend_type, 'client backend') = 'client backend'`
            : ''
        })${
          able.sendersCount
            ? `
       + (SELECT count(*) FROM pg_stat_replication)`
            : ''
        } AS connections,
       current_setting('max_connections') AS max_connections,
       current_setting('superuser_reserved_connections')::int${
         able.hasReservedRole
           ? `
         + current_setting('reserved_connections')::int`
           : ''
       } AS reserved,
       k.setting AS keep,
       ${able.keepsBytes ? 'k.unit' : "'segments'"} AS keep_unit,
       s.setting AS segment,
       s.unit AS segment_unit,
       ${able.limitsSlots ? 'm.setting' : "'-1'"} AS slot_keep,
       ${able.limitsSlots ? 'm.unit' : "'MB'"} AS slot_keep_unit
FROM pg_settings AS k
JOIN pg_settings AS s ON s.name = 'wal_segment_size'${
  able.limitsSlots
    ? `
JOIN pg_settings AS m ON m.name = 'max_slot_wal_keep_size'`
    : ''
}
WHERE k.name = '${able.keepsBytes ? 'wal_keep_size' : 'wal_keep_segments'}'`;

/** A limit of 0 keeps everybody out on purpose, and none holds for superusers (`pg_roles`, `pg_database`). */
const NARROW = `
SELECT kind, name, connections, allowed
FROM (SELECT 'role' AS kind, r.rolname::text AS name, r.rolconnlimit AS allowed,
             (SELECT count(*) FROM pg_stat_activity AS a WHERE a.usesysid = r.oid) AS connections
      FROM pg_roles AS r
      WHERE r.rolconnlimit > 0 AND r.rolcanlogin AND NOT r.rolsuper
      UNION ALL
      SELECT 'database', d.datname::text, d.datconnlimit,
             (SELECT count(*) FROM pg_stat_activity AS a WHERE a.datid = d.oid)
      FROM pg_database AS d
      WHERE d.datconnlimit > 0) AS narrow
ORDER BY connections::float / allowed DESC, name
LIMIT 3`;

/** A temporary slot belongs to a session, such as a base backup, and goes with it. */
const slots = (w: Words, able: Abilities): string => `
SELECT s.slot_name::text AS slot_name,
       s.active::text AS active,
       s.restart_lsn::text AS restart_lsn,
       p.here::text AS here,
       ${able.limitsSlots ? 's.wal_status' : 'NULL::text'} AS status,
       ${able.limitsSlots ? 's.safe_wal_size::text' : 'NULL::text'} AS safe,
       ${able.tellsInactive ? 'extract(epoch FROM clock_timestamp() - s.inactive_since)::text' : 'NULL::text'} AS inactive_seconds
FROM pg_replication_slots AS s
CROSS JOIN (SELECT CASE WHEN r.rec THEN pg_last_${w.wal}_replay_${w.lsn}() ELSE ${currentFlush(w)} END AS here
            FROM (SELECT pg_is_in_recovery() AS rec) AS r) AS p${
              able.hasTemporarySlots
                ? `
WHERE NOT s.temporary`
                : ''
            }
ORDER BY s.slot_name
LIMIT 1000`;

/** A segment's number, whatever its timeline: files that wait to be used again have numbers to come. */
const FILES = `
SELECT min(substr(name, 9)) AS oldest, count(*) AS files
FROM pg_ls_waldir()
WHERE name ~ '^[0-9A-F]{24}$'`;
