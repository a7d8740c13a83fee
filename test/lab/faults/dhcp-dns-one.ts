import type { Fault } from '../faults.ts';
import { ADDRESS } from '../plan.ts';
import { restart } from '../processes.ts';
import { writeDhcpd } from '../services/dhcpd.ts';

const fault: Fault = {
  about:
    'The template of dhcpd.conf on cc1 is the one of the package again: it hands out one DNS server, not both.',
  sees: ['MaasHaDhcpDnsIncomplete cc1'],
  async inject() {
    writeDhcpd('cc1', { dns: [ADDRESS.rc1] });
    await restart('cc1', 'dhcpd');
    return { host: 'cc1', did: 'DHCP on cc1 hands out the slave DNS of rc1 alone' };
  },
  async heal({ host }) {
    writeDhcpd('cc1');
    await restart(host, 'dhcpd');
  },
};

export default fault;
