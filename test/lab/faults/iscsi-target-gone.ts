import type { Fault } from '../faults.ts';
import { offerTarget, withdrawTarget } from '../services/tgt.ts';

const fault: Fault = {
  about:
    'The iSCSI server of the cluster controller cc2 runs and does not offer the target that machines are installed from.',
  sees: ['MaasHaClusterServiceLacking cc2 iscsi'],
  async inject() {
    await withdrawTarget('cc2');
    return { host: 'cc2', did: 'deleted the target of amd64 on cc2' };
  },
  async heal() {
    await offerTarget('cc2');
  },
};

export default fault;
