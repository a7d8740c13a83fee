import { fileSerial, levelZones, serials, writeZone } from '../dns.ts';
import { activeNode, type Fault } from '../faults.ts';
import { cutMaster, joinMaster } from '../net.ts';
import { ADDRESS, NODES, peer, PORT, ZONES } from '../plan.ts';
import { reload, restart } from '../processes.ts';
import { until } from '../shell.ts';

const fault: Fault = {
  about: "The passive node's slave cannot reach maas-dns and keeps serving an old serial.",
  sees: ['MaasHaDnsZoneBehind'],
  quick: true,
  async inject() {
    const active = await activeNode();
    const host = peer(active);
    await cutMaster(host);
    for (const zone of ZONES) writeZone(active, zone, fileSerial(active, zone) + 100);
    reload(active, 'maas-dns');
    // The other slave learns of it at its next refresh; until then both are behind.
    await until(
      25_000,
      async () => {
        const seen = await serials(ADDRESS[active], PORT.slave);
        return ZONES.every((zone) => seen[zone] === fileSerial(active, zone)) ? true : undefined;
      },
      500,
    );
    return { host, did: `cut ${host} off from maas-dns and raised the serials by 100` };
  },
  async heal({ host }) {
    await joinMaster(host);
    await restart(host, 'slave-dns');
    // The other node's zones were not regenerated: after a failover it serves, or would serve, the old
    // serial, and slaves that have the new one refuse that.
    levelZones();
    for (const node of NODES) reload(node, 'maas-dns');
  },
};

export default fault;
