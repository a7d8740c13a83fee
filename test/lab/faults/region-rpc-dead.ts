import { activeNode, type Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: "The active node's region is dead: no HTTP, no /MAAS/rpc/, nothing on 5250.",
  sees: ['MaasHaRegionRpcDown', 'MaasHaAppBackendGone vip no_backend'],
  async inject() {
    const host = await activeNode();
    await crash(host, 'region');
    return { host, did: `killed the region on ${host}, the active node` };
  },
  async heal({ host }) {
    await start(host, 'region');
  },
};

export default fault;
