import type { Fault } from '../faults.ts';
import { ADDRESS, NODES } from '../plan.ts';
import { restart } from '../processes.ts';
import { writeSquid } from '../services/squid.ts';

const fault: Fault = {
  about: 'The proxies of both nodes serve the clusters only: the list of networks is wrong.',
  sees: ['MaasHaProxyRefuses'],
  async inject() {
    for (const node of NODES) {
      writeSquid(node, { allowed: ADDRESS.cc1 });
      await restart(node, 'squid');
    }
    return { host: 'rc1', did: 'both proxies serve cc1 only' };
  },
  async heal() {
    for (const node of NODES) {
      writeSquid(node);
      await restart(node, 'squid');
    }
  },
};

export default fault;
