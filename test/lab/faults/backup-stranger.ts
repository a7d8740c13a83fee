import type { Fault } from '../faults.ts';
import { leaveBackup, resumeBackup } from '../services/backup.ts';

const fault: Fault = {
  about: 'The backup of cc1 holds a UUID that the region does not know.',
  sees: ['MaasHaClusterBackupUuidUnknown cc1'],
  async inject() {
    await leaveBackup('cc1', { uuid: '5d9a7b0e-0000-4000-8000-0000000000ff' });
    return { host: 'cc1', did: 'put a UUID that nobody has into the backup of cc1' };
  },
  async heal() {
    await resumeBackup('cc1');
  },
};

export default fault;
