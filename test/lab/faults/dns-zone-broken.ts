import { fileSerial, writeZone } from '../dns.ts';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { restart } from '../processes.ts';

const ZONE = 'maas4';

const fault: Fault = {
  about: 'The master cannot load a zone file: SERVFAIL, while the slaves go on with their copies.',
  sees: [`MaasHaDnsZoneNotAuthoritative ${ZONE} vip`],
  async inject() {
    const host = await activeNode();
    writeZone(host, ZONE, fileSerial(host, ZONE), 'broken IN A nonsense');
    await restart(host, 'maas-dns');
    return { host, did: `broke the file of the zone ${ZONE} on ${host}, the active node` };
  },
  async heal({ host }) {
    const node = asNode(host);
    writeZone(node, ZONE, fileSerial(node, ZONE));
    await restart(host, 'maas-dns');
  },
};

export default fault;
