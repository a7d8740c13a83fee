import { activeNode, type Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: 'The web server of the active node is dead; the application behind it lives on.',
  sees: ['MaasHaVipServiceDown http', 'MaasHaRegionRpcDown'],
  async inject() {
    const host = await activeNode();
    await crash(host, 'apache');
    return { host, did: `killed the web server on ${host}, the active node` };
  },
  async heal({ host }) {
    await start(host, 'apache');
  },
};

export default fault;
