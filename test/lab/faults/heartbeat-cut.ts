import { cutHeartbeat, joinHeartbeat } from '../cuts.ts';
import type { Fault } from '../faults.ts';
import { leader } from '../pgpool.ts';
import { peer } from '../plan.ts';

const fault: Fault = {
  about: "The watchdog's heartbeats (UDP) between the nodes are lost; its TCP connections work.",
  sees: ['MaasHaWatchdogHeartbeatUnstable'],
  async inject() {
    const leads = await leader();
    if (leads === undefined) throw new Error('no pgpool leads');
    await cutHeartbeat();
    return { host: peer(leads), did: 'dropped the heartbeats between rc1 and rc2, both ways' };
  },
  async heal() {
    await joinHeartbeat();
  },
};

export default fault;
