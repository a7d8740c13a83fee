import { rmSync, writeFileSync } from 'node:fs';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { addVip, dropVip } from '../net.ts';
import { leader } from '../pgpool.ts';
import { paths } from '../plan.ts';
import { announce } from '../repair.ts';

const fault: Fault = {
  about: 'The virtual address is on no node, and pgpool cannot bring it up again.',
  sees: ['MaasHaVipUnreachable'],
  quick: true,
  async inject() {
    const host = await activeNode();
    // Without this pgpool would have it back within a second.
    writeFileSync(paths.vipRefused, '');
    await dropVip(host);
    return { host, did: `deleted the virtual address on ${host} and made if_up_cmd fail` };
  },
  async heal({ host }) {
    rmSync(paths.vipRefused, { force: true });
    const node = (await leader()) ?? asNode(host);
    await addVip(node);
    await announce(node);
  },
};

export default fault;
