import { activeNode, type Fault } from '../faults.ts';
import { freeze, thaw } from '../processes.ts';

const fault: Fault = {
  about: "The active node's region hangs: it takes connections on 80 and 5250, and answers none.",
  sees: ['MaasHaRegionRpcDown'],
  async inject() {
    const host = await activeNode();
    await freeze(host, 'region');
    return { host, did: `stopped the region on ${host}, the active node, in its tracks` };
  },
  async heal({ host }) {
    thaw(host, 'region');
  },
};

export default fault;
