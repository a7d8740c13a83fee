import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about:
    'The agent of the cluster controller cc2 is dead; its host and everything else on it lives.',
  sees: ['MaasHaClusterDisconnected cc2'],
  async inject() {
    await crash('cc2', 'cluster');
    return { host: 'cc2', did: 'killed the agent on cc2' };
  },
  async heal({ host }) {
    await start(host, 'cluster');
  },
};

export default fault;
