import { activeNode, asNode, type Fault } from '../faults.ts';
import { addVip, dropVip } from '../net.ts';
import { peer } from '../plan.ts';
import { announce } from '../repair.ts';

const fault: Fault = {
  about:
    'The virtual address is on both nodes: somebody gave it to the one that does not lead, too.',
  sees: ['MaasHaVipDuplicate', 'MaasHaVipTwoOwners', 'MaasHaVipLeftover'],
  async inject() {
    const host = peer(await activeNode());
    await addVip(host);
    return { host, did: `gave the virtual address to ${host}, which does not lead` };
  },
  async heal({ host }) {
    const node = asNode(host);
    await dropVip(node);
    await announce(peer(node));
  },
};

export default fault;
