import { asNode, primaryNode, type Fault } from '../faults.ts';
import { attach } from '../pgpool.ts';
import { peer } from '../plan.ts';
import { waitForStream } from '../postgres.ts';
import { freeze, thaw } from '../processes.ts';

const fault: Fault = {
  about: "The standby's PostgreSQL accepts connections and never answers (SIGSTOP).",
  sees: ['MaasHaPostgresDown', 'MaasHaRedundancyLost'],
  async inject() {
    const host = peer(await primaryNode());
    await freeze(host, 'postgres');
    return { host, did: `stopped every process of PostgreSQL on ${host}, the standby` };
  },
  async heal({ host }) {
    const node = asNode(host);
    thaw(node, 'postgres');
    await waitForStream(node);
    await attach(node);
  },
};

export default fault;
