import { fileSerial, levelZones, writeZone } from '../dns.ts';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { NODES } from '../plan.ts';
import { reload } from '../processes.ts';

const ZONE = 'maas3';

const fault: Fault = {
  about: 'The master has a name more under the same serial: its slaves never learn of it.',
  sees: ['MaasHaDnsZoneContentDiffers'],
  async inject() {
    const host = await activeNode();
    writeZone(host, ZONE, fileSerial(host, ZONE), 'new IN A 172.31.16.77');
    reload(host, 'maas-dns');
    return { host, did: `added a name to ${ZONE} on ${host} and left the serial as it was` };
  },
  async heal({ host }) {
    const node = asNode(host);
    writeZone(node, ZONE, fileSerial(node, ZONE) + 1);
    levelZones();
    for (const one of NODES) reload(one, 'maas-dns');
  },
};

export default fault;
