import type { Fault } from '../faults.ts';
import { restart } from '../processes.ts';
import { writeBootHttp } from '../services/boot-http.ts';

const fault: Fault = {
  about:
    'The web server of the cluster controller cc2 has lost the alias of the boot resources: its front page works.',
  sees: ['MaasHaClusterServiceLacking cc2 http'],
  async inject() {
    writeBootHttp('cc2', { astray: true });
    await restart('cc2', 'boot-http');
    return { host: 'cc2', did: 'took the boot resources out of the web server on cc2' };
  },
  async heal() {
    writeBootHttp('cc2');
    await restart('cc2', 'boot-http');
  },
};

export default fault;
