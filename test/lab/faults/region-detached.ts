import { primaryNode, type Fault } from '../faults.ts';
import { runSql } from '../postgres.ts';

const WRITING = 'INSERT, UPDATE, DELETE ON eventloops';

const fault: Fault = {
  about: 'The region answers and lists its event loops, but cannot refresh them in its database.',
  sees: ['MaasHaRegionDetachedFromDatabase'],
  async inject() {
    const host = await primaryNode();
    // As old as rows become that nobody refreshes: the monitor need not wait for that.
    const aged = `UPDATE eventloops SET updated = now() - interval '10 minutes'`;
    await runSql(host, 'maasdb', `REVOKE ${WRITING} FROM maas; ${aged}`);
    return { host, did: `took from MAAS the right to write to eventloops on ${host}, the primary` };
  },
  async heal() {
    await runSql(await primaryNode(), 'maasdb', `GRANT ${WRITING} TO maas`);
  },
};

export default fault;
