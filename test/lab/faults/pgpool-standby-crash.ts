import { asNode, type Fault } from '../faults.ts';
import { leader, startPgpool } from '../pgpool.ts';
import { peer } from '../plan.ts';
import { crash } from '../processes.ts';

const fault: Fault = {
  about:
    'The pgpool that does not lead dies at once: all is served, and nobody is left to take over.',
  sees: ['MaasHaPgpoolDown', 'MaasHaWatchdogPeerLost', 'MaasHaRedundancyLost'],
  async inject() {
    const leads = await leader();
    if (leads === undefined) throw new Error('no pgpool leads');
    const host = peer(leads);
    const count = await crash(host, 'pgpool');
    return { host, did: `killed pgpool on ${host}, the standby (${count} processes)` };
  },
  heal: ({ host }) => startPgpool(asNode(host)),
};

export default fault;
