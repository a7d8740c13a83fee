import { activeNode, asNode, type Fault } from '../faults.ts';
import { closeFence, openFence } from '../fence.ts';
import { peer } from '../plan.ts';

const fault: Fault = {
  about:
    "pgpool's fence is open: the region of the passive node has the database too, and both write.",
  sees: ['MaasHaRegionTwoActive'],
  async inject() {
    const active = await activeNode();
    const passive = peer(active);
    openFence(active, passive);
    return { host: active, did: `let the region of ${passive} through the pgpool of ${active}` };
  },
  async heal({ host }) {
    closeFence(asNode(host));
  },
};

export default fault;
