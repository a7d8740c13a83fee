import { activeNode, asNode, type Fault } from '../faults.ts';
import { closeFilter, closeHba, openFilter, openHba } from '../fence.ts';
import { peer } from '../plan.ts';

const fault: Fault = {
  about:
    'Both lines of the fence are open: the region of the passive node has the database too, and both write.',
  sees: ['MaasHaFenceOpen', 'MaasHaRegionTwoActive'],
  async inject() {
    const active = await activeNode();
    const passive = peer(active);
    await openFilter(passive);
    openHba(active, passive);
    return { host: active, did: `let the region of ${passive} through the pgpool of ${active}` };
  },
  async heal({ host }) {
    const active = asNode(host);
    await closeFilter(peer(active));
    closeHba(active);
  },
};

export default fault;
