import type { Fault } from '../faults.ts';
import { writeContent } from '../services/squid.ts';

const fault: Fault = {
  about: 'A page to log in at comes through the proxies instead of what was asked for.',
  sees: ['MaasHaProxyWrongContent'],
  inject() {
    writeContent('<html>Please accept our terms of use</html>');
    return Promise.resolve({ host: 'gw', did: 'another page comes from beyond the gateway' });
  },
  heal() {
    writeContent();
    return Promise.resolve();
  },
};

export default fault;
