import { asNode, primaryNode, type Fault } from '../faults.ts';
import { breakReplication, mendReplication } from '../wal.ts';

const fault: Fault = {
  about: 'The password of the role that replicates was changed: the standby cannot connect.',
  sees: ['MaasHaStandbyMissing', 'MaasHaRedundancyLost'],
  async inject() {
    const host = await primaryNode();
    await breakReplication(host);
    return { host, did: `changed the password of postgresrepl on ${host}, the primary` };
  },
  heal: async ({ host }) => {
    await mendReplication(asNode(host));
  },
};

export default fault;
