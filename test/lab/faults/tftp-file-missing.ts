import { rmSync } from 'node:fs';
import type { Fault } from '../faults.ts';
import { loaderOf, writeLoader } from '../services/tftpd.ts';

const fault: Fault = {
  about: 'The boot loader of the cluster controller cc2 is gone; its TFTP server answers.',
  sees: ['MaasHaClusterServiceLacking cc2 tftp'],
  async inject() {
    rmSync(loaderOf('cc2'));
    return { host: 'cc2', did: 'removed pxelinux.0 on cc2' };
  },
  async heal() {
    writeLoader('cc2');
  },
};

export default fault;
