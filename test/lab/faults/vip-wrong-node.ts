import { rmSync, writeFileSync } from 'node:fs';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { addVip, dropVip } from '../net.ts';
import { paths, peer } from '../plan.ts';
import { announce } from '../repair.ts';

const fault: Fault = {
  about: 'The virtual address is on the node that does not lead, and pgpool cannot take it back.',
  sees: ['MaasHaVipOwnerNotLeader', 'MaasHaVipWitnessesDisagree'],
  async inject() {
    const from = await activeNode();
    const host = peer(from);
    // Without this the leader would have it back within a second.
    writeFileSync(paths.vipRefused, '');
    await dropVip(from);
    await addVip(host);
    await announce(host);
    return { host, did: `moved the virtual address from ${from}, which leads, to ${host}` };
  },
  async heal({ host }) {
    const node = asNode(host);
    await dropVip(node);
    rmSync(paths.vipRefused, { force: true });
    await addVip(peer(node));
    await announce(peer(node));
  },
};

export default fault;
