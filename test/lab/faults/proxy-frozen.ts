import { activeNode, type Fault } from '../faults.ts';
import { freeze, thaw } from '../processes.ts';

const fault: Fault = {
  about: 'The proxy of the active node takes connections and never answers (SIGSTOP).',
  sees: ['MaasHaProxyBroken'],
  async inject() {
    const host = await activeNode();
    await freeze(host, 'squid');
    return { host, did: `stopped squid on ${host}, the active node` };
  },
  heal({ host }) {
    thaw(host, 'squid');
    return Promise.resolve();
  },
};

export default fault;
