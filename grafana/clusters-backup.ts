import { most, stateOf } from './asks.ts';
import { yesIsGood } from './look.ts';
import { stat, timeline, type PanelSpec } from './panels.ts';

/* What is left of a cluster controller when its host is lost: the backup of its UUID. */

const NO_BACKUP = 'unknown, or no cluster has a `backup`';

export const BACKUP: Readonly<Record<string, PanelSpec>> = {
  backupThere: timeline({
    title: 'Backups: there',
    about: 'Whether the backup of each cluster is where the configuration says.',
    asks: [most('maasha_cluster_backup_present', '{{cluster}}')],
    absent: NO_BACKUP,
    words: yesIsGood('missing', 'there', 'warn'),
  }),
  backupContent: timeline({
    title: 'Backups: whose UUID',
    about:
      'Own is right. Unproven: nothing says which UUID the cluster has. All others cannot be restored from.',
    asks: [stateOf('maasha_cluster_backup_content', '{{cluster}}')],
    absent: NO_BACKUP,
    words: { statesOf: 'maasha_cluster_backup_content' },
  }),
  backupAgeState: timeline({
    title: 'Backups: recent',
    about: 'Old is older than max_age. Future: a clock is wrong. Unknown: nothing tells the age.',
    asks: [stateOf('maasha_cluster_backup_age_state', '{{cluster}}')],
    absent: NO_BACKUP,
    words: { statesOf: 'maasha_cluster_backup_age_state' },
  }),
  backupAge: stat({
    title: 'Backups: age',
    about: 'The age of each backup, however old it may become.',
    asks: [most('maasha_cluster_backup_age_seconds', '{{cluster}}')],
    unit: 's',
    absent: NO_BACKUP,
  }),
};
