import type { Fault } from '../faults.ts';
import { setLink } from '../net.ts';
import { legOf } from '../plan.ts';

const fault: Fault = {
  about: 'The network of the power controllers is cut: none of those of cc1 answers.',
  sees: ['MaasHaAllBmcsSilent cc1'],
  async inject() {
    await setLink('gw', 'down', legOf('gw', 'cc1').device);
    return { host: 'gw', did: 'took down the link that both power controllers are behind' };
  },
  async heal({ host }) {
    await setLink(host, 'up', legOf('gw', 'cc1').device);
  },
};

export default fault;
