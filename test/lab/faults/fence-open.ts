import { activeNode, asNode, primaryNode, type Fault } from '../faults.ts';
import { closeFilter, openFilter } from '../fence.ts';
import { ADDRESS, PASSWORD, peer, PORT } from '../plan.ts';
import { start, stop, writeDaemon } from '../processes.ts';

const STRAY = 'stray-application';

/** Logs in as an application does that was given the address of the database instead of the virtual one. */
const login = (host: string): string[] => [
  'setpriv --reuid=nobody --regid=nogroup --clear-groups',
  `psql 'postgresql://maas:${PASSWORD.maas}@${host}:${PORT.postgres}/maasdb'`,
  `-c 'SELECT pg_sleep(7200)'`,
];

const fault: Fault = {
  about:
    'The packet filter of the passive node is gone, and MAAS there works on the database directly, past pgpool.',
  sees: ['MaasHaFenceOpen'],
  async inject() {
    const passive = peer(await activeNode());
    const primary = await primaryNode();
    await openFilter(passive);
    writeDaemon(passive, STRAY, login(ADDRESS[primary]));
    await start(passive, STRAY);
    return { host: passive, did: `let MAAS of ${passive} log in to PostgreSQL on ${primary}` };
  },
  async heal({ host }) {
    await stop(host, STRAY);
    await closeFilter(asNode(host));
  },
};

export default fault;
