import { asNode, type Fault } from '../faults.ts';
import { dropVip, holdsVip } from '../net.ts';
import { leader, soleLeader } from '../pgpool.ts';
import { peer } from '../plan.ts';
import { freeze, thaw } from '../processes.ts';
import { announce } from '../repair.ts';
import { until } from '../shell.ts';

const fault: Fault = {
  about:
    "The leader's pgpool is frozen (SIGSTOP): it accepts, answers nothing, and keeps the address.",
  sees: ['MaasHaPgpoolDown', 'MaasHaRedundancyLost'],
  async inject() {
    const host = await leader();
    if (host === undefined) throw new Error('no pgpool leads');
    await freeze(host, 'pgpool');
    return { host, did: `stopped every process of pgpool on ${host}, the leader` };
  },
  async heal({ host }) {
    thaw(asNode(host), 'pgpool');
    // Both lead until they have met, and one of them then keeps an address that is not its own.
    const keeps = await until(60_000, soleLeader, 500);
    if (keeps === undefined) throw new Error('no leader, or two of them');
    if (await holdsVip(peer(keeps))) await dropVip(peer(keeps));
    await announce(keeps);
  },
};

export default fault;
