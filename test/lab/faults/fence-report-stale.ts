import { utimesSync } from 'node:fs';
import { activeNode, type Fault } from '../faults.ts';
import { reportOf } from '../fence.ts';
import { peer } from '../plan.ts';
import { start, stop } from '../processes.ts';

/** Seconds; as if it had stopped that long ago. */
const AGE = 3600;

const fault: Fault = {
  about: 'The passive node no longer says whether its fence holds: the cron line there is gone.',
  sees: ['MaasHaFenceReportStale'],
  async inject() {
    const passive = peer(await activeNode());
    await stop(passive, 'fence');
    const then = Date.now() / 1000 - AGE;
    utimesSync(reportOf(passive), then, then);
    return { host: passive, did: `stopped the report of ${passive} an hour ago` };
  },
  async heal({ host }) {
    await start(host, 'fence');
  },
};

export default fault;
