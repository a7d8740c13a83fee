import { gauge, stateset } from '../../core/metric.ts';

/* What is measured of the backups of cluster controllers. */

export const present = gauge({
  name: 'maasha_cluster_backup_present',
  help: 'Whether the backup of the cluster controller is where the configuration says (1), or nothing is there (0).',
  labels: ['cluster'],
});

export const CONTENT_STATES = [
  /** The UUID that the configuration, or the region, has for this cluster. */
  'own',
  /** One UUID, and nothing says which one the cluster has. */
  'unproven',
  'other_cluster',
  /** Not the cluster's, and nobody's that is known. */
  'not_known',
  /** None, or several without saying which is the cluster's. */
  'no_uuid',
] as const;
export type ContentState = (typeof CONTENT_STATES)[number];

export const content = stateset({
  name: 'maasha_cluster_backup_content',
  help: 'Whose UUID the backup of the cluster controller holds: its own, one that nothing can be compared with (unproven), that of another cluster, one that the region does not know, or no single one (no_uuid).',
  labels: ['cluster'],
  states: CONTENT_STATES,
});

export const AGE_STATES = ['fresh', 'old', 'future', 'unknown'] as const;
export type AgeState = (typeof AGE_STATES)[number];

export const ageState = stateset({
  name: 'maasha_cluster_backup_age_state',
  help: 'Whether the backup of the cluster controller is younger than max_age (fresh) or older (old), is dated in the future, or says nothing of its age (unknown).',
  labels: ['cluster'],
  states: AGE_STATES,
});

export const age = gauge({
  name: 'maasha_cluster_backup_age_seconds',
  help: 'Age of the backup of the cluster controller; absent where nothing tells it, or where it is dated in the future.',
  labels: ['cluster'],
});

export const all = [present, content, ageState, age];
