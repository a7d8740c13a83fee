import { asNode, primaryNode, type Fault } from '../faults.ts';
import { writeMonitorConfig } from '../monitor-config.ts';
import { peer } from '../plan.ts';

const fault: Fault = {
  about: 'The configuration declares a primary that is the standby: nobody wrote down a failover.',
  sees: ['MaasHaPrimaryDrift'],
  async inject() {
    const primary = await primaryNode();
    const host = peer(primary);
    writeMonitorConfig(host);
    return { host, did: `declared ${host} to be the primary, which is ${primary}` };
  },
  // A monitor that runs meanwhile has to be told to read its configuration again, as always.
  heal: async ({ host }) => {
    writeMonitorConfig(peer(asNode(host)));
  },
};

export default fault;
