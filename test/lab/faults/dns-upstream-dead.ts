import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: 'The resolver that maas-dns forwards to is dead: no name outside of MAAS resolves.',
  sees: ['MaasHaDnsUpstreamBroken'],
  async inject() {
    await crash('gw', 'upstream-dns');
    return { host: 'gw', did: 'killed the resolver beyond the gateway' };
  },
  async heal({ host }) {
    await start(host, 'upstream-dns');
  },
};

export default fault;
