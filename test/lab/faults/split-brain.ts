import { asNode, primaryNode, type Fault } from '../faults.ts';
import { peer } from '../plan.ts';
import { promote, writeWal } from '../postgres.ts';
import { takeBack } from '../repair.ts';

const fault: Fault = {
  about: "The standby is promoted by hand, behind pgpool's back: two primaries, two histories.",
  sees: ['MaasHaTwoPrimaries', 'MaasHaHistoryDiverged'],
  async inject() {
    const old = await primaryNode();
    const host = peer(old);
    await promote(host);
    await Promise.all([writeWal(old, 200_000), writeWal(host, 5_000)]);
    return { host, did: `promoted PostgreSQL on ${host}; both wrote, ${old} more` };
  },
  // MAAS wrote to the one that pgpool uses, so the other one is given up.
  heal: ({ host }) => takeBack(asNode(host)),
};

export default fault;
