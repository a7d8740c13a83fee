import type { Rule } from '../../core/rule.ts';
import { seconds } from '../../core/time.ts';
import * as metrics from './metrics.ts';

/*
 * What is bad about a backup. Nothing is broken for anybody as long as the cluster controller lives, so that all
 * are warnings; the time to wait covers the moment in which a backup is being replaced.
 */

/** The UUID that the configuration has for the cluster is none of the region's: then the backup is not to blame. */
const byConfiguration = [{ alert: 'MaasHaClusterNotAccepted', on: { cluster: 'cluster' } }];

export const rules: readonly Rule[] = [
  {
    name: 'MaasHaClusterBackupMissing',
    severity: 'warning',
    metric: metrics.present,
    when: { equal: 0 },
    for: seconds(120),
    summary:
      'There is no backup of cluster controller {cluster}: if its host is lost, its UUID is lost with it',
  },
  {
    name: 'MaasHaClusterBackupWithoutUuid',
    severity: 'warning',
    metric: metrics.content,
    where: { state: 'no_uuid' },
    when: { equal: 1 },
    for: seconds(120),
    summary:
      'The backup of cluster controller {cluster} does not tell its UUID: nothing can be restored from it',
  },
  {
    name: 'MaasHaClusterBackupOfOther',
    severity: 'warning',
    metric: metrics.content,
    where: { state: 'other_cluster' },
    when: { equal: 1 },
    for: seconds(120),
    summary:
      'The backup of cluster controller {cluster} holds the UUID of another cluster: restored, it would take that one’s place',
  },
  {
    name: 'MaasHaClusterBackupUuidUnknown',
    severity: 'warning',
    metric: metrics.content,
    where: { state: 'not_known' },
    when: { equal: 1 },
    for: seconds(120),
    inhibitedBy: byConfiguration,
    summary:
      'The backup of cluster controller {cluster} holds a UUID that the region does not know: restored, it would be a new cluster without machines',
  },
  {
    name: 'MaasHaClusterBackupOld',
    severity: 'warning',
    metric: metrics.ageState,
    where: { state: 'old' },
    when: { equal: 1 },
    for: seconds(120),
    summary: 'The backup of cluster controller {cluster} is too old: nobody makes a new one',
  },
  {
    name: 'MaasHaClusterBackupFromFuture',
    severity: 'warning',
    metric: metrics.ageState,
    where: { state: 'future' },
    when: { equal: 1 },
    for: seconds(120),
    summary:
      'The backup of cluster controller {cluster} is dated in the future: a clock is wrong, and it would never become old',
  },
  {
    name: 'MaasHaClusterBackupUndated',
    severity: 'warning',
    metric: metrics.ageState,
    where: { state: 'unknown' },
    when: { equal: 1 },
    for: seconds(120),
    summary:
      'Nothing tells how old the backup of cluster controller {cluster} is: it may be worth nothing',
  },
];
