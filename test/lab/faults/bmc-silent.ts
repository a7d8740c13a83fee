import type { Fault } from '../faults.ts';
import { plug, unplug } from '../services/bmc.ts';

const fault: Fault = {
  about: 'The power controller bmc1 has lost its power: nothing answers at its address.',
  sees: ['MaasHaBmcSilent bmc1'],
  async inject() {
    await unplug('bmc1');
    return { host: 'gw', did: 'took the address of bmc1 away' };
  },
  async heal() {
    await plug('bmc1');
  },
};

export default fault;
