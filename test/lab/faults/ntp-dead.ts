import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: 'The NTP server on cc2 is dead.',
  sees: ['MaasHaClusterServiceDown ntp'],
  async inject() {
    await crash('cc2', 'ntp');
    return { host: 'cc2', did: 'killed the NTP server on cc2' };
  },
  async heal({ host }) {
    await start(host, 'ntp');
  },
};

export default fault;
