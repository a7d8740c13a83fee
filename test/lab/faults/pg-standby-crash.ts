import { asNode, primaryNode, type Fault } from '../faults.ts';
import { attach } from '../pgpool.ts';
import { peer } from '../plan.ts';
import { waitForStream } from '../postgres.ts';
import { crash, start } from '../processes.ts';

const fault: Fault = {
  about: "The standby's PostgreSQL dies at once; pgpool detaches it.",
  sees: ['MaasHaPostgresDown', 'MaasHaPgpoolBackendDetached', 'MaasHaRedundancyLost'],
  async inject() {
    const host = peer(await primaryNode());
    const count = await crash(host, 'postgres');
    return { host, did: `killed PostgreSQL on ${host}, the standby (${count} processes)` };
  },
  async heal({ host }) {
    const node = asNode(host);
    await start(node, 'postgres');
    await waitForStream(node);
    await attach(node);
  },
};

export default fault;
