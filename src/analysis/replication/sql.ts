import { CheckFailure } from '../../core/failure.ts';

/** The oldest server that these queries are written for: the first with contiguous positions. */
const OLDEST = 90_300;

/** @throws CheckFailure `version` for a server older than 9.3. */
export function refuseAncient(version: number): void {
  if (version >= OLDEST) return;
  throw new CheckFailure('version', 'PostgreSQL before 9.3 cannot tell what is needed here', {
    facts: { version },
  });
}

/** The queries about replication, in the words that a server of one version understands. */
export interface ReplicationSql {
  /** One row on any node: `SnapshotColumn`. */
  readonly snapshot: string;
  /** One row per connected sender, on a primary: `SenderColumn`. */
  readonly senders: string;
  /** One row on a standby: `StandbyColumn`. */
  readonly standby: string;
}

export type SnapshotColumn =
  'in_recovery' | 'flush_lsn' | 'wal_file' | 'control_timeline' | 'system_identifier';

export type SenderColumn =
  | 'application_name'
  | 'address'
  | 'state'
  | 'sent_lsn'
  | 'flush_lsn'
  | 'replay_lsn'
  | 'primary_flush_lsn';

export type StandbyColumn =
  | 'receive_lsn'
  | 'replay_lsn'
  | 'replay_paused'
  | 'pause_state'
  | 'apply_delay_ms'
  | 'slot_name'
  | 'receiver_pid'
  | 'receiver_status'
  | 'received_timeline'
  | 'silent_seconds';

/** What differs from version to version, each named once. */
export const words = (version: number) => ({
  wal: version >= 100_000 ? 'wal' : 'xlog',
  lsn: version >= 100_000 ? 'lsn' : 'location',
  // Senders ship flushed WAL only; before 9.6 nothing nearer than the write position is to be had.
  flushed: version >= 90_600 ? 'flush_' : '',
  hasReceiverView: version >= 90_600,
  hasControlFunctions: version >= 90_600,
  hasPauseState: version >= 140_000,
  // Before 12 these stand in recovery.conf, which no query can read.
  hasRecoverySettings: version >= 120_000,
});

export type Words = ReturnType<typeof words>;

/** @throws CheckFailure `version` for a server older than 9.3. */
export function replicationSql(version: number): ReplicationSql {
  refuseAncient(version);
  const w = words(version);
  return { snapshot: snapshot(w), senders: senders(w), standby: standby(w) };
}

export const currentFlush = (w: Words): string => `pg_current_${w.wal}_${w.flushed}${w.lsn}()`;

/**
 * The role is asked once, in a sub-select that cannot be flattened, because most of these functions
 * raise an error in the wrong role. The name of the WAL file gives a primary's timeline at once, while
 * the control file trails a promotion; on a standby the newer of checkpoint and replay is nearest.
 */
const snapshot = (w: Words): string => `
SELECT r.rec::text AS in_recovery,
       CASE WHEN NOT r.rec THEN ${currentFlush(w)}::text END AS flush_lsn,
       CASE WHEN NOT r.rec THEN pg_${w.wal}file_name(pg_current_${w.wal}_${w.lsn}()) END AS wal_file,
       ${w.hasControlFunctions ? 'greatest(c.timeline_id, m.min_recovery_end_timeline)::text' : 'NULL::text'} AS control_timeline,
       ${w.hasControlFunctions ? 's.system_identifier::text' : 'NULL::text'} AS system_identifier
FROM (SELECT pg_is_in_recovery() AS rec) AS r${
  w.hasControlFunctions
    ? `
CROSS JOIN pg_control_checkpoint() AS c
CROSS JOIN pg_control_recovery() AS m
CROSS JOIN pg_control_system() AS s`
    : ''
}`;

/**
 * Every row, whatever its state: a row without a state is one that the account may not see, and that
 * must not read as "no standby" (`pg_stat_replication`; visible to members of pg_monitor).
 */
const senders = (w: Words): string => `
SELECT s.application_name, host(s.client_addr) AS address, s.state,
       s.sent_${w.lsn}::text AS sent_lsn,
       s.flush_${w.lsn}::text AS flush_lsn,
       s.replay_${w.lsn}::text AS replay_lsn,
       p.here::text AS primary_flush_lsn
FROM pg_stat_replication AS s
CROSS JOIN (SELECT ${currentFlush(w)} AS here) AS p`;

/**
 * The age of the sender's last message is taken on the server, whose clock stamped the message. The
 * settings are visible to every role; the slot's name comes from the setting, else from the receiver.
 */
const standby = (w: Words): string => `
SELECT pg_last_${w.wal}_receive_${w.lsn}()::text AS receive_lsn,
       pg_last_${w.wal}_replay_${w.lsn}()::text AS replay_lsn,
       pg_is_${w.wal}_replay_paused()::text AS replay_paused,
       ${w.hasPauseState ? 'pg_get_wal_replay_pause_state()' : 'NULL::text'} AS pause_state,
       ${w.hasRecoverySettings ? "(SELECT setting FROM pg_settings WHERE name = 'recovery_min_apply_delay')" : 'NULL::text'} AS apply_delay_ms,
       ${slotName(w)} AS slot_name,
       ${receiver(w)}`;

const slotName = (w: Words): string => {
  if (w.hasRecoverySettings)
    return "coalesce(nullif(current_setting('primary_slot_name'), ''), w.slot_name)";
  return w.hasReceiverView ? 'w.slot_name' : 'NULL::text';
};

const receiver = (w: Words): string =>
  w.hasReceiverView
    ? `w.pid::text AS receiver_pid,
       w.status AS receiver_status,
       w.received_tli::text AS received_timeline,
       extract(epoch FROM clock_timestamp() - w.last_msg_receipt_time)::text AS silent_seconds
FROM (SELECT 1) AS one
LEFT JOIN pg_stat_wal_receiver AS w ON true`
    : `NULL::text AS receiver_pid,
       NULL::text AS receiver_status,
       NULL::text AS received_timeline,
       NULL::text AS silent_seconds`;
