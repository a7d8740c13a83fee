import { fileSerial, levelZones, writeZone } from '../dns.ts';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { NODES, ZONES } from '../plan.ts';
import { reload } from '../processes.ts';

const fault: Fault = {
  about: 'The master serves lower serials than its slaves, as after a failover to a late standby.',
  sees: ['MaasHaDnsMasterRegressed'],
  async inject() {
    const host = await activeNode();
    for (const zone of ZONES) writeZone(host, zone, fileSerial(host, zone) - 50);
    reload(host, 'maas-dns');
    return { host, did: `lowered the serials by 50 on ${host}, the active node` };
  },
  // Above the slaves: they take it at their next refresh.
  async heal({ host }) {
    const node = asNode(host);
    for (const zone of ZONES) writeZone(node, zone, fileSerial(node, zone) + 200);
    levelZones();
    for (const one of NODES) reload(one, 'maas-dns');
  },
};

export default fault;
