import type { Fault } from '../faults.ts';
import { leaveBackup, resumeBackup } from '../services/backup.ts';

const fault: Fault = {
  about: 'The backup of cc2 is dated a day ahead: its clock is wrong.',
  sees: ['MaasHaClusterBackupFromFuture cc2'],
  async inject() {
    await leaveBackup('cc2', { age: -86_400 });
    return { host: 'cc2', did: 'stopped the backup of cc2, and dated its last copy a day ahead' };
  },
  async heal() {
    await resumeBackup('cc2');
  },
};

export default fault;
