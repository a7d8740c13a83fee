import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: 'The iSCSI server of the cluster controller cc2 is dead: nothing can be installed there.',
  sees: ['MaasHaClusterServiceDown cc2 iscsi'],
  async inject() {
    await crash('cc2', 'tgt');
    return { host: 'cc2', did: 'killed the iSCSI server on cc2' };
  },
  async heal() {
    await start('cc2', 'tgt');
  },
};

export default fault;
