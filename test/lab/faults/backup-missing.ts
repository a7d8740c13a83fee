import type { Fault } from '../faults.ts';
import { leaveBackup, resumeBackup } from '../services/backup.ts';

const fault: Fault = {
  about: 'There is no backup of cc2 where it is looked for.',
  sees: ['MaasHaClusterBackupMissing cc2'],
  async inject() {
    await leaveBackup('cc2', undefined);
    return { host: 'cc2', did: 'stopped the backup of cc2, and removed its last copy' };
  },
  async heal() {
    await resumeBackup('cc2');
  },
};

export default fault;
