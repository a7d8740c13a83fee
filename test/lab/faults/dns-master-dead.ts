import { activeNode, type Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: 'maas-dns on the active node is dead; the slaves go on until their copies expire.',
  sees: ['MaasHaDnsMasterDown'],
  async inject() {
    const host = await activeNode();
    await crash(host, 'maas-dns');
    return { host, did: `killed maas-dns on ${host}, the active node` };
  },
  async heal({ host }) {
    await start(host, 'maas-dns');
  },
};

export default fault;
