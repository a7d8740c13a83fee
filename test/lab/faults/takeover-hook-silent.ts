import { rmSync, writeFileSync } from 'node:fs';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { markers } from '../maas.ts';
import { startPgpool } from '../pgpool.ts';
import { peer } from '../plan.ts';
import { stop } from '../processes.ts';
import { announce, waitForOwner } from '../repair.ts';

const fault: Fault = {
  about:
    'The virtual address moves, and the hook that restarts what belongs to it restarts nothing and reports no error.',
  sees: ['MaasHaVipServiceDown dns', 'MaasHaDnsMasterDown'],
  fromHistory: ['MaasHaFailoverIncomplete'],
  async inject() {
    const old = await activeNode();
    const next = peer(old);
    writeFileSync(markers.silent, '');
    await stop(old, 'pgpool');
    await waitForOwner(next);
    await startPgpool(old);
    return { host: next, did: `moved the virtual address to ${next}, and restarted nothing there` };
  },
  async heal({ host }) {
    rmSync(markers.silent, { force: true });
    await announce(asNode(host));
  },
};

export default fault;
