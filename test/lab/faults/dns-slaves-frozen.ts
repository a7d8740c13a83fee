import type { Fault } from '../faults.ts';
import { NODES } from '../plan.ts';
import { freeze, thaw } from '../processes.ts';

const fault: Fault = {
  about: 'Both slaves take questions and answer none (SIGSTOP): machines wait 20 s for every name.',
  sees: ['MaasHaDnsAllSlavesDown'],
  async inject() {
    for (const node of NODES) await freeze(node, 'slave-dns');
    return { host: 'rc1', did: 'stopped the slave DNS of both nodes' };
  },
  heal() {
    for (const node of NODES) thaw(node, 'slave-dns');
    return Promise.resolve();
  },
};

export default fault;
