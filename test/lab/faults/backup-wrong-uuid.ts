import type { Fault } from '../faults.ts';
import { UUID } from '../plan.ts';
import { leaveBackup, resumeBackup } from '../services/backup.ts';

const fault: Fault = {
  about: 'The backup of cc1 holds the UUID of cc2: restored, it would take that one’s place.',
  sees: ['MaasHaClusterBackupOfOther cc1'],
  async inject() {
    await leaveBackup('cc1', { uuid: UUID.cc2 });
    return { host: 'cc1', did: 'put the UUID of cc2 into the backup of cc1' };
  },
  async heal() {
    await resumeBackup('cc1');
  },
};

export default fault;
