import type { Fault } from '../faults.ts';
import { restart } from '../processes.ts';
import { writeDhcpd } from '../services/dhcpd.ts';

const fault: Fault = {
  about:
    'The control port of the DHCP server on cc2 is closed: leases go on, and MAAS cannot change them.',
  sees: ['MaasHaClusterServiceDown omapi'],
  async inject() {
    writeDhcpd('cc2', { omapi: false });
    await restart('cc2', 'dhcpd');
    return { host: 'cc2', did: 'DHCP on cc2 runs without its control port' };
  },
  async heal({ host }) {
    writeDhcpd('cc2');
    await restart(host, 'dhcpd');
  },
};

export default fault;
