import { writeSlave } from '../dns.ts';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { peer } from '../plan.ts';
import { restart } from '../processes.ts';

const fault: Fault = {
  about: "The passive node's slave resolves for nobody; it still answers for its own zones.",
  sees: ['MaasHaDnsResolverFailing'],
  async inject() {
    const host = peer(await activeNode());
    writeSlave(host, { resolvesFor: 'none' });
    await restart(host, 'slave-dns');
    return { host, did: `the slave on ${host} refuses recursion to everybody` };
  },
  async heal({ host }) {
    writeSlave(asNode(host));
    await restart(host, 'slave-dns');
  },
};

export default fault;
