import { asNode, primaryNode, type Fault } from '../faults.ts';
import { attach, detach } from '../pgpool.ts';
import { peer } from '../plan.ts';

const fault: Fault = {
  about: 'The standby is well and streams, and pgpool has it detached.',
  sees: ['MaasHaPgpoolBackendDetached'],
  async inject() {
    const host = peer(await primaryNode());
    await detach(host);
    return { host, did: `detached ${host}, the standby, from pgpool` };
  },
  heal: ({ host }) => attach(asNode(host)),
};

export default fault;
