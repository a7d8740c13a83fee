import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about:
    'The DHCP server of the cluster controller cc1 is dead; its host and all else on it lives.',
  sees: ['MaasHaDhcpSilent cc1'],
  async inject() {
    await crash('cc1', 'dhcpd');
    return { host: 'cc1', did: 'killed the DHCP server on cc1' };
  },
  async heal({ host }) {
    await start(host, 'dhcpd');
  },
};

export default fault;
