import { asNode, type Fault } from '../faults.ts';
import { leader, startPgpool } from '../pgpool.ts';
import { stop } from '../processes.ts';

const fault: Fault = {
  about: "The leader's pgpool is stopped in order: it gives the address up and its peer takes it.",
  sees: ['MaasHaPgpoolDown', 'MaasHaWatchdogPeerLost', 'MaasHaRedundancyLost'],
  async inject() {
    const host = await leader();
    if (host === undefined) throw new Error('no pgpool leads');
    await stop(host, 'pgpool');
    return { host, did: `stopped pgpool on ${host}, the leader` };
  },
  heal: ({ host }) => startPgpool(asNode(host)),
};

export default fault;
