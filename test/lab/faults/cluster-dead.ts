import type { Fault } from '../faults.ts';
import { setLink } from '../net.ts';

const fault: Fault = {
  about: 'The link of the cluster controller cc2 is down: nothing of that host answers.',
  sees: ['MaasHaClusterUnreachable cc2'],
  async inject() {
    await setLink('cc2', 'down');
    return { host: 'cc2', did: 'took the link of cc2 down' };
  },
  async heal({ host }) {
    await setLink(host, 'up');
  },
};

export default fault;
