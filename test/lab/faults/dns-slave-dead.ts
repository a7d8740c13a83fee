import { activeNode, type Fault } from '../faults.ts';
import { peer } from '../plan.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: 'The slave DNS of the passive node is dead: its clients have one resolver left.',
  sees: ['MaasHaDnsSlaveDown'],
  async inject() {
    const host = peer(await activeNode());
    await crash(host, 'slave-dns');
    return { host, did: `killed the slave DNS on ${host}, the passive node` };
  },
  async heal({ host }) {
    await start(host, 'slave-dns');
  },
};

export default fault;
