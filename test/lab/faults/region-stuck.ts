import { rmSync, writeFileSync } from 'node:fs';
import { activeNode, type Fault } from '../faults.ts';
import { tryRunIn } from '../net.ts';
import { startPgpool } from '../pgpool.ts';
import { ADDRESS, NODES, paths, peer } from '../plan.ts';
import { restart, stop } from '../processes.ts';
import { waitForOwner } from '../repair.ts';

const fault: Fault = {
  about:
    'After a failover the region of the new owner is not restarted: it goes on without a database, as when it was passive.',
  sees: ['MaasHaRegionStuckAfterFailover'],
  async inject() {
    const old = await activeNode();
    const next = peer(old);
    writeFileSync(paths.regionStuck, '');
    // It has to meet the closed fence once more, now that it takes no for an answer.
    await tryRunIn('mon', ['curl', '-s', '-m', '8', `http://${ADDRESS[next]}/MAAS/rpc/`]);
    await stop(old, 'pgpool');
    await waitForOwner(next);
    await startPgpool(old);
    return {
      host: next,
      did: `moved the virtual address to ${next} without restarting the region there`,
    };
  },
  async heal() {
    rmSync(paths.regionStuck, { force: true });
    // The other one has learnt in the same way that it has no database.
    await Promise.all(NODES.map((node) => restart(node, 'region')));
  },
};

export default fault;
