import { gauge, stateset } from '../../core/metric.ts';

export const connectionsRatio = gauge({
  name: 'maasha_postgres_connections_ratio',
  help: 'The part of the connections open to ordinary roles that is in use on the node, or of the tightest limit of a role or database, whichever is higher; 1 means that nobody new is let in.',
  labels: ['node'],
});
export const connectionsUsed = gauge({
  name: 'maasha_postgres_connections',
  help: 'Sessions of clients on the node; for an account without pg_monitor parallel workers count as well.',
  labels: ['node'],
});
export const connectionsAllowed = gauge({
  name: 'maasha_postgres_connections_allowed',
  help: 'Sessions that ordinary roles may have on the node: max_connections without those that are reserved.',
  labels: ['node'],
});
export const headroomBytes = gauge({
  name: 'maasha_postgres_wal_retention_headroom_bytes',
  help: 'WAL in bytes that the primary may still write before what the standby needs is not promised to be kept any more, negative when it is not; absent where a slot keeps all, and where it is not known.',
  labels: ['standby'],
});
export const headroomRatio = gauge({
  name: 'maasha_postgres_wal_retention_headroom_ratio',
  help: 'The part of the WAL which the primary promises to keep that the standby has not used up, at most 1, negative when it is beyond; absent without a promise or a limit.',
  labels: ['standby'],
});
export const leftSeconds = gauge({
  name: 'maasha_postgres_wal_retention_left_seconds',
  help: 'Time in seconds until what the standby needs is not promised any more, at the pace at which its headroom shrinks; absent while it does not shrink.',
  labels: ['standby'],
});
export const walGap = gauge({
  name: 'maasha_postgres_wal_gap',
  help: "Whether the standby is not connected and cannot catch up, because the WAL that it needs is gone, or is no longer promised where the primary's files cannot be seen (1), or not (0).",
  labels: ['standby'],
});
export const slotRetained = gauge({
  name: 'maasha_postgres_replication_slot_retained_bytes',
  help: "WAL in bytes that the replication slot keeps on the node's disk; the slot `others` stands for the sum of those beyond the first ten.",
  labels: ['node', 'slot'],
});
export const slotState = stateset({
  name: 'maasha_postgres_replication_slot_state',
  help: 'What becomes of the WAL that the slot asks for: reserved, extended (beyond max_wal_size), unreserved (about to be removed), lost, or unknown (before PostgreSQL 13).',
  labels: ['node', 'slot'],
  states: ['reserved', 'extended', 'unreserved', 'lost', 'unknown'],
});
export const slotInactive = gauge({
  name: 'maasha_postgres_replication_slot_inactive_seconds',
  help: 'Time in seconds for which nobody has used the slot, by the server where it tells (PostgreSQL 17), else since the monitor saw it; 0 while it is used.',
  labels: ['node', 'slot'],
});

export const capacityMetrics = [
  connectionsRatio,
  connectionsUsed,
  connectionsAllowed,
  headroomBytes,
  headroomRatio,
  leftSeconds,
  walGap,
  slotRetained,
  slotState,
  slotInactive,
] as const;
