import type { Fault } from '../faults.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about:
    'The web server beyond the gateway is dead: the proxies work and have nothing to fetch from.',
  sees: ['MaasHaProxyCannotFetch'],
  async inject() {
    await crash('gw', 'origin');
    return { host: 'gw', did: 'killed the web server beyond the gateway' };
  },
  async heal({ host }) {
    await start(host, 'origin');
  },
};

export default fault;
