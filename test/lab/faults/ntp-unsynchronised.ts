import type { Fault } from '../faults.ts';
import { restart } from '../processes.ts';
import { writeNtp } from '../services/ntp.ts';

const fault: Fault = {
  about:
    'The NTP server on cc1 has lost its own source of time: it answers, and is not synchronised.',
  sees: ['MaasHaClusterServiceLacking ntp'],
  async inject() {
    writeNtp('cc1', { lost: true });
    await restart('cc1', 'ntp');
    return { host: 'cc1', did: 'NTP on cc1 has no time to give' };
  },
  async heal({ host }) {
    writeNtp('cc1');
    await restart(host, 'ntp');
  },
};

export default fault;
