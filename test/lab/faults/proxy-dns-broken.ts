import type { Fault } from '../faults.ts';
import { ADDRESS, NODES } from '../plan.ts';
import { restart } from '../processes.ts';
import { writeSquid } from '../services/squid.ts';

const fault: Fault = {
  about: 'The proxies of both nodes look names up at a host that has no DNS.',
  sees: ['MaasHaProxyCannotFetch'],
  async inject() {
    for (const node of NODES) {
      writeSquid(node, { resolvers: [ADDRESS.cc2] });
      await restart(node, 'squid');
    }
    return { host: 'rc1', did: 'both proxies ask cc2 for names, which has no DNS' };
  },
  async heal() {
    for (const node of NODES) {
      writeSquid(node);
      await restart(node, 'squid');
    }
  },
};

export default fault;
