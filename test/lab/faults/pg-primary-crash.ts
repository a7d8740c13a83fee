import { asNode, primaryNode, type Fault } from '../faults.ts';
import { takeBack } from '../repair.ts';
import { crash } from '../processes.ts';

const fault: Fault = {
  about: "The primary's PostgreSQL dies at once; pgpool promotes the standby.",
  sees: ['MaasHaPostgresDown', 'MaasHaPgpoolBackendDetached', 'MaasHaRedundancyLost'],
  quick: true,
  async inject() {
    const host = await primaryNode();
    const count = await crash(host, 'postgres');
    return { host, did: `killed PostgreSQL on ${host}, the primary (${count} processes)` };
  },
  // Never just start it: it would come up as a second primary.
  heal: ({ host }) => takeBack(asNode(host)),
};

export default fault;
