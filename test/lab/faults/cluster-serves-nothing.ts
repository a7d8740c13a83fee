import { shut, unshut } from '../cluster-services.ts';
import type { Fault } from '../faults.ts';

const fault: Fault = {
  about:
    'A packet filter on the cluster controller cc2 lets nobody in: its host answers, and none of its services does.',
  sees: ['MaasHaClusterServesNothing cc2'],
  async inject() {
    await shut('cc2');
    return { host: 'cc2', did: 'shut all ports of cc2' };
  },
  async heal() {
    await unshut('cc2');
  },
};

export default fault;
