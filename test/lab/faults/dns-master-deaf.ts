import { writeMaster } from '../dns.ts';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { restart } from '../processes.ts';

const fault: Fault = {
  about: 'maas-dns runs on the active node and does not listen on the virtual address.',
  sees: ['MaasHaDnsMasterDown'],
  async inject() {
    const host = await activeNode();
    writeMaster(host, { listens: '127.0.0.2' });
    await restart(host, 'maas-dns');
    return { host, did: `maas-dns on ${host}, the active node, listens on its own host only` };
  },
  async heal({ host }) {
    writeMaster(asNode(host));
    await restart(host, 'maas-dns');
  },
};

export default fault;
