import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about:
    'The web server of the cluster controller cc2 is dead: its machines get no boot resources.',
  sees: ['MaasHaClusterServiceDown cc2 http'],
  async inject() {
    await crash('cc2', 'boot-http');
    return { host: 'cc2', did: 'killed the web server on cc2' };
  },
  async heal() {
    await start('cc2', 'boot-http');
  },
};

export default fault;
