import { asNode, primaryNode, type Fault } from '../faults.ts';
import { peer } from '../plan.ts';
import { takeBack } from '../repair.ts';
import { breakReplication, checkpoint, fillSegments, mendReplication } from '../wal.ts';
import { resetOn, setOn } from '../wal.ts';

const fault: Fault = {
  about: 'The standby was away for so long that the primary has removed the WAL that it needs.',
  sees: ['MaasHaWalGap', 'MaasHaStandbyMissing', 'MaasHaRedundancyLost'],
  async inject() {
    const host = await primaryNode();
    await setOn(host, 'wal_keep_size', '32MB');
    await breakReplication(host);
    await fillSegments(host, 8);
    await checkpoint(host);
    // It may log in again, and now finds that this does not help.
    await mendReplication(host);
    return { host, did: `removed the WAL on ${host}, the primary, that its standby needs` };
  },
  heal: async ({ host }) => {
    await resetOn(asNode(host), 'wal_keep_size');
    await takeBack(peer(asNode(host)));
  },
};

export default fault;
