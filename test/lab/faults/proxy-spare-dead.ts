import { activeNode, type Fault } from '../faults.ts';
import { peer } from '../plan.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: 'The proxy of the passive node is dead: a failover would leave none.',
  sees: ['MaasHaProxyNodeDown'],
  async inject() {
    const host = peer(await activeNode());
    await crash(host, 'squid');
    return { host, did: `killed squid on ${host}, the passive node` };
  },
  async heal({ host }) {
    await start(host, 'squid');
  },
};

export default fault;
