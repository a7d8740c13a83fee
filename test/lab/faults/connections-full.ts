import { asNode, primaryNode, type Fault } from '../faults.ts';
import { tryRunIn } from '../net.ts';
import { ADDRESS, PASSWORD, paths } from '../plan.ts';
import { runSql } from '../postgres.ts';
import { until } from '../shell.ts';

/** Of the 97 connections that there are for ordinary roles. */
const WANTED = 88;
const NAME = 'leaked';

const sessions = `
SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datid IS NOT NULL`;

const fault: Fault = {
  about: 'An application leaks sessions: the primary has hardly any connections left.',
  sees: ['MaasHaConnectionsNearLimit'],
  async inject() {
    const host = await primaryNode();
    const used = Number(await runSql(host, 'postgres', sessions));
    const leaks = Math.max(0, WANTED - used);
    const connect = `host=${ADDRESS[host]} user=maas dbname=maasdb application_name=${NAME}`;
    // They live in the lab's directory, so that whoever takes the lab down takes them as well.
    const each = `psql '${connect}' -c 'SELECT pg_sleep(86400)' > /dev/null 2>&1 < /dev/null &`;
    const script = `cd ${paths.root} && for i in $(seq ${leaks}); do ${each} done`;
    await tryRunIn('mon', ['sh', '-c', script], { env: { PGPASSWORD: PASSWORD.maas } });
    // So many log-ins at once may keep the server from answering this for a while.
    const full = await until(30_000, async () => {
      const open = await runSql(host, 'postgres', sessions).catch(() => '0');
      return Number(open) >= WANTED - 3 ? true : undefined;
    });
    if (full === undefined) throw new Error(`${host} does not fill up`);
    return { host, did: `opened ${leaks} idle sessions on ${host}, the primary` };
  },
  heal: async ({ host }) => {
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${NAME}'`;
    await runSql(asNode(host), 'postgres', end);
  },
};

export default fault;
