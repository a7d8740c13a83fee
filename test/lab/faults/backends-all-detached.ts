import { asNode, primaryNode, type Fault } from '../faults.ts';
import { attach, detach } from '../pgpool.ts';
import { peer } from '../plan.ts';

const fault: Fault = {
  about:
    'Both databases are well, and pgpool has detached both: it lives and refuses every client.',
  sees: ['MaasHaPgpoolAllBackendsDetached'],
  async inject() {
    const host = await primaryNode();
    // The standby first: without it pgpool has nobody to promote.
    await detach(peer(host));
    await detach(host);
    return { host, did: `detached ${peer(host)} and then ${host}, the primary, from pgpool` };
  },
  async heal({ host }) {
    const primary = asNode(host);
    await attach(primary);
    await attach(peer(primary));
  },
};

export default fault;
