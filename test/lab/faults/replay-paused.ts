import { asNode, primaryNode, type Fault } from '../faults.ts';
import { peer } from '../plan.ts';
import { runSql } from '../postgres.ts';

const fault: Fault = {
  about: 'Somebody has paused replay on the standby; it receives, and does not use it.',
  sees: ['MaasHaReplayPaused'],
  async inject() {
    const primary = await primaryNode();
    const host = peer(primary);
    await runSql(host, 'postgres', 'SELECT pg_wal_replay_pause()');
    await runSql(primary, 'maasdb', 'CREATE TABLE IF NOT EXISTS unseen (n int)');
    return { host, did: `paused replay on ${host}, the standby, and wrote on ${primary}` };
  },
  heal: async ({ host }) => {
    await runSql(asNode(host), 'postgres', 'SELECT pg_wal_replay_resume()');
  },
};

export default fault;
