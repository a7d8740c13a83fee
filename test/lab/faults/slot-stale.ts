import { asNode, primaryNode, type Fault } from '../faults.ts';
import { runSql } from '../postgres.ts';
import { fillSegments } from '../wal.ts';

const SLOT = 'left_behind';

const fault: Fault = {
  about: 'A replication slot that nobody uses keeps WAL on the primary until its disk is full.',
  sees: [`MaasHaSlotRetainsMuch`],
  async inject() {
    const host = await primaryNode();
    await runSql(host, 'postgres', `SELECT pg_create_physical_replication_slot('${SLOT}', true)`);
    await fillSegments(host, 4);
    return { host, did: `made the slot ${SLOT} on ${host}, the primary, and wrote 64 MiB of WAL` };
  },
  heal: async ({ host }) => {
    await runSql(asNode(host), 'postgres', `SELECT pg_drop_replication_slot('${SLOT}')`);
  },
};

export default fault;
