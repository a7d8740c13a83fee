import { activeNode, type Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: 'The proxy of the active node is dead: nobody listens at the virtual address for it.',
  sees: ['MaasHaVipServiceDown service=proxy-8000'],
  async inject() {
    const host = await activeNode();
    await crash(host, 'squid');
    return { host, did: `killed squid on ${host}, the active node` };
  },
  async heal({ host }) {
    await start(host, 'squid');
  },
};

export default fault;
