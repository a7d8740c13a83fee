import { writeSlave } from '../dns.ts';
import type { Fault } from '../faults.ts';
import { ADDRESS, NODES } from '../plan.ts';
import { restart } from '../processes.ts';

const fault: Fault = {
  about: 'Both slaves forward to where nobody answers: machines find no name outside of MAAS.',
  sees: ['MaasHaDnsClientsBlind'],
  async inject() {
    for (const node of NODES) {
      writeSlave(node, { forwarder: ADDRESS.cc1 });
      await restart(node, 'slave-dns');
    }
    return { host: 'rc1', did: 'both slaves forward to cc1, which has no DNS' };
  },
  async heal() {
    for (const node of NODES) {
      writeSlave(node);
      await restart(node, 'slave-dns');
    }
  },
};

export default fault;
