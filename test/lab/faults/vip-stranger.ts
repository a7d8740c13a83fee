import { activeNode, type Fault } from '../faults.ts';
import { addVip, dropVip } from '../net.ts';
import { announce } from '../repair.ts';

const fault: Fault = {
  about:
    'A machine that is no region controller has the virtual address, too: somebody gave it to it.',
  sees: ['MaasHaVipDuplicate', 'MaasHaVipStranger'],
  async inject() {
    const host = 'cc2';
    await addVip(host);
    return { host, did: `gave the virtual address to ${host}, which is no region controller` };
  },
  async heal({ host }) {
    await dropVip(host);
    await announce(await activeNode());
  },
};

export default fault;
