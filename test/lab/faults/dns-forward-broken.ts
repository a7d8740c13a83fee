import { writeSlave } from '../dns.ts';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { ADDRESS, peer } from '../plan.ts';
import { restart } from '../processes.ts';

const fault: Fault = {
  about: "The passive node's slave forwards to where nobody answers; its own zones are fine.",
  sees: ['MaasHaDnsForwardBroken'],
  async inject() {
    const host = peer(await activeNode());
    writeSlave(host, { forwarder: ADDRESS.cc1 });
    await restart(host, 'slave-dns');
    return { host, did: `the slave on ${host} forwards to cc1, which has no DNS` };
  },
  async heal({ host }) {
    writeSlave(asNode(host));
    await restart(host, 'slave-dns');
  },
};

export default fault;
