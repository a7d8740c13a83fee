import type { Fault } from '../faults.ts';
import { leaveBackup, resumeBackup } from '../services/backup.ts';

const fault: Fault = {
  about: 'The backup of cc1 was cut off before its UUID: the disk was full.',
  sees: ['MaasHaClusterBackupWithoutUuid cc1'],
  async inject() {
    await leaveBackup('cc1', {
      text: 'MAAS_URL=http://172.31.16.39/MAAS\nCLUSTER_UUID="5d9a7b0e-00',
    });
    return { host: 'cc1', did: 'cut off the backup of cc1' };
  },
  async heal() {
    await resumeBackup('cc1');
  },
};

export default fault;
