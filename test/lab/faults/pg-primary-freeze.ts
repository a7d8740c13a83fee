import { asNode, primaryNode, type Fault } from '../faults.ts';
import { freeze } from '../processes.ts';
import { takeBack } from '../repair.ts';

const fault: Fault = {
  about: "The primary's PostgreSQL accepts connections and never answers (SIGSTOP).",
  sees: ['MaasHaPostgresDown', 'MaasHaRedundancyLost'],
  async inject() {
    const host = await primaryNode();
    await freeze(host, 'postgres');
    return { host, did: `stopped every process of PostgreSQL on ${host}, the primary` };
  },
  // Not thawed: pgpool has promoted the other one, and a thawed primary would be a second.
  heal: ({ host }) => takeBack(asNode(host)),
};

export default fault;
