import { cutNodes, joinNodes } from '../cuts.ts';
import { primaryNode, type Fault } from '../faults.ts';
import { dropVip, holdsVip } from '../net.ts';
import { attach, backends, soleLeader } from '../pgpool.ts';
import { NODES, peer, type Node } from '../plan.ts';
import { primaries, rebuildStandby } from '../postgres.ts';
import { announce } from '../repair.ts';
import { until } from '../shell.ts';

const fault: Fault = {
  about: 'The nodes do not reach each other, and all others reach both: the region doubles.',
  sees: ['MaasHaWatchdogTwoLeaders', 'MaasHaTwoPrimaries'],
  async inject() {
    const host = await primaryNode();
    await cutNodes();
    return { host, did: 'made the switch pass nothing between rc1 and rc2' };
  },
  async heal() {
    await joinNodes();
    // The later leader gives way some seconds after they meet, and then lets go of the address.
    const keeps = await until(60_000, soleLeader, 300);
    if (keeps === undefined) throw new Error('no leader, or two of them');
    if (await holdsVip(peer(keeps))) await dropVip(peer(keeps));
    await announce(keeps);
    const used = await until(30_000, () => usedPrimary(keeps), 500);
    if (used === undefined) throw new Error(`pgpool on ${keeps} uses no primary`);
    // Both may have been written to: what the leader does not use is given up.
    if ((await primaries()).length > 1) await rebuildStandby(peer(used));
    await attach(peer(used));
  },
};

async function usedPrimary(at: Node): Promise<Node | undefined> {
  const seen = await backends(at);
  return NODES.find((node) => seen?.[node].role === 'primary' && seen[node].status !== 'down');
}

export default fault;
