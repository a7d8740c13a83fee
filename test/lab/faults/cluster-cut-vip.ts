import { cutRegion, joinRegion } from '../cuts-region.ts';
import type { Fault } from '../faults.ts';

const fault: Fault = {
  about:
    "The cluster controller cc2 cannot reach the virtual address nor the region's RPC ports, and nothing else is cut.",
  sees: ['MaasHaClusterDisconnected cc2'],
  async inject() {
    await cutRegion('cc2');
    return { host: 'cc2', did: 'cut cc2 off from the virtual address and from the RPC ports' };
  },
  async heal() {
    await joinRegion('cc2');
  },
};

export default fault;
