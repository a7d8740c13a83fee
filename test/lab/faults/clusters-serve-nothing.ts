import { shut, unshut } from '../cluster-services.ts';
import type { Fault } from '../faults.ts';
import { CLUSTERS } from '../plan.ts';

const fault: Fault = {
  about:
    'A packet filter lets nobody in at any cluster controller: the hosts answer, and no service does.',
  sees: ['MaasHaNoClusterServes'],
  async inject() {
    await Promise.all(CLUSTERS.map(shut));
    return { host: 'cc1', did: 'shut all ports of cc1 and cc2' };
  },
  async heal() {
    await Promise.all(CLUSTERS.map(unshut));
  },
};

export default fault;
