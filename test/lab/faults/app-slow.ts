import { rmSync, writeFileSync } from 'node:fs';
import { activeNode, type Fault } from '../faults.ts';
import { markers } from '../maas.ts';

const fault: Fault = {
  about: 'Every page of the region comes late: connected at once, and the first byte after 2.5 s.',
  sees: ['MaasHaAppSlow vip'],
  async inject() {
    writeFileSync(markers.slow, '');
    return { host: await activeNode(), did: 'made every page of both regions come late' };
  },
  heal() {
    rmSync(markers.slow, { force: true });
    return Promise.resolve();
  },
};

export default fault;
