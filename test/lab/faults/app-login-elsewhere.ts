import { activeNode, asNode, type Fault } from '../faults.ts';
import { restart } from '../processes.ts';
import { writeApache } from '../services/apache.ts';

const fault: Fault = {
  about:
    'The web server of the active node sends whoever wants to log in elsewhere; clusters find the region.',
  sees: ['MaasHaAppNotServing vip'],
  async inject() {
    const host = await activeNode();
    writeApache(host, 'elsewhere');
    await restart(host, 'apache');
    return { host, did: `sent the login page of ${host}, the active node, elsewhere` };
  },
  async heal({ host }) {
    writeApache(asNode(host));
    await restart(host, 'apache');
  },
};

export default fault;
