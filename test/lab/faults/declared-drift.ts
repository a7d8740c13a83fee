import { asNode, primaryNode, type Fault } from '../faults.ts';
import { peer } from '../plan.ts';
import { declare } from '../services/declared.ts';

const fault: Fault = {
  about:
    'Configuration management was put back to a version that declares the standby to be the primary.',
  sees: ['MaasHaPrimaryDrift'],
  async inject() {
    const primary = await primaryNode();
    const host = peer(primary);
    declare(host);
    return { host, did: `declared ${host} in Hiera to be the primary, which is ${primary}` };
  },
  // A monitor that runs reads it at its next look.
  heal: async ({ host }) => {
    declare(peer(asNode(host)));
  },
};

export default fault;
