import type { Fault } from '../faults.ts';
import { leaveBackup, resumeBackup } from '../services/backup.ts';

const fault: Fault = {
  about: 'The backup of cc1 is three days old: the job that makes it has died.',
  sees: ['MaasHaClusterBackupOld cc1'],
  async inject() {
    await leaveBackup('cc1', { age: 3 * 86_400 });
    return {
      host: 'cc1',
      did: 'stopped the backup of cc1, and dated its last copy back by three days',
    };
  },
  async heal() {
    await resumeBackup('cc1');
  },
};

export default fault;
