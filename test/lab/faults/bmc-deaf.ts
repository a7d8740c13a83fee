import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about:
    'IPMI over LAN of the power controller bmc2 is off: its address answers an echo, and nothing else.',
  sees: ['MaasHaBmcSilent bmc2'],
  async inject() {
    await crash('gw', 'bmc2');
    return { host: 'gw', did: 'killed the simulator of bmc2' };
  },
  async heal({ host }) {
    await start(host, 'bmc2');
  },
};

export default fault;
