import { activeNode, asNode, type Fault } from '../faults.ts';
import { closeHba, openHbaToAll } from '../fence.ts';

const fault: Fault = {
  about:
    "pgpool's line of the fence is open to the whole segment; only the packet filter keeps the passive node out.",
  sees: ['MaasHaFenceHbaOpen'],
  async inject() {
    const active = await activeNode();
    openHbaToAll(active);
    return { host: active, did: `let MAAS through the pgpool of ${active} from every address` };
  },
  heal({ host }) {
    closeHba(asNode(host));
    return Promise.resolve();
  },
};

export default fault;
