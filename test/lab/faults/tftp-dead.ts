import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: 'The TFTP server of the cluster controller cc2 is dead: its machines find no boot loader.',
  sees: ['MaasHaClusterServiceDown cc2 tftp'],
  async inject() {
    await crash('cc2', 'tftpd');
    return { host: 'cc2', did: 'killed the TFTP server on cc2' };
  },
  async heal() {
    await start('cc2', 'tftpd');
  },
};

export default fault;
