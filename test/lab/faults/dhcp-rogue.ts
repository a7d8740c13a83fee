import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';
import { writeRogue } from '../services/dhcpd.ts';

const fault: Fault = {
  about:
    'Somebody has put another DHCP server on the segment of cc1, with addresses and a DNS of its own.',
  sees: ['MaasHaDhcpRogueServer cc1'],
  async inject() {
    writeRogue();
    await start('gw', 'dhcpd-rogue');
    return { host: 'gw', did: 'started a foreign DHCP server on the segment of cc1' };
  },
  async heal({ host }) {
    await crash(host, 'dhcpd-rogue');
  },
};

export default fault;
