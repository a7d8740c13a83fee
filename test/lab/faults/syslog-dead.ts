import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about:
    'The log server on cc1 is dead: machines that are being installed cannot say what goes wrong.',
  sees: ['MaasHaClusterServiceDown syslog'],
  async inject() {
    await crash('cc1', 'syslog');
    return { host: 'cc1', did: 'killed the log server on cc1' };
  },
  async heal({ host }) {
    await start(host, 'syslog');
  },
};

export default fault;
