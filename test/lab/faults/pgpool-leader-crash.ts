import { asNode, type Fault } from '../faults.ts';
import { dropVip } from '../net.ts';
import { leader, startPgpool } from '../pgpool.ts';
import { peer } from '../plan.ts';
import { crash } from '../processes.ts';
import { announce, waitForOwner } from '../repair.ts';

const fault: Fault = {
  about: "The leader's pgpool dies at once and leaves the virtual address where it is.",
  sees: [
    'MaasHaPgpoolDown',
    'MaasHaWatchdogPeerLost',
    'MaasHaVipDuplicate',
    'MaasHaVipTwoOwners',
    'MaasHaVipLeftover',
    'MaasHaRedundancyLost',
  ],
  async inject() {
    const host = await leader();
    if (host === undefined) throw new Error('no pgpool leads');
    const count = await crash(host, 'pgpool');
    return { host, did: `killed pgpool on ${host}, the leader (${count} processes)` };
  },
  async heal({ host }) {
    const node = asNode(host);
    await waitForOwner(peer(node));
    // First: while both hold it, clients go to and fro.
    await dropVip(node);
    await announce(peer(node));
    await startPgpool(node);
  },
};

export default fault;
