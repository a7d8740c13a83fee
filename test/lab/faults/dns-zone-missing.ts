import { writeSlave } from '../dns.ts';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { peer, ZONES } from '../plan.ts';
import { restart } from '../processes.ts';

const fault: Fault = {
  about: "The passive node's slave is not configured for a zone; what it answers is forwarded.",
  sees: ['MaasHaDnsZoneNotAuthoritative maas5'],
  async inject() {
    const host = peer(await activeNode());
    writeSlave(host, { zones: ZONES.filter((zone) => zone !== 'maas5') });
    await restart(host, 'slave-dns');
    return { host, did: `took the zone maas5 out of the slave on ${host}` };
  },
  async heal({ host }) {
    writeSlave(asNode(host));
    await restart(host, 'slave-dns');
  },
};

export default fault;
