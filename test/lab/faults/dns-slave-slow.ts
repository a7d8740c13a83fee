import { writeSlave } from '../dns.ts';
import { activeNode, asNode, type Fault } from '../faults.ts';
import { ADDRESS, peer, PORT } from '../plan.ts';
import { restart, source, start, stop, writeDaemon } from '../processes.ts';

const RELAY = 'slow-dns';

const fault: Fault = {
  about: "The passive node's slave forwards by way of a line that takes 1.5 s.",
  sees: ['MaasHaDnsClientsSlow'],
  async inject() {
    const host = peer(await activeNode());
    const script = `'${source('slow-dns.py')}'`;
    writeDaemon('gw', RELAY, [
      `/usr/bin/python3 -B -u ${script} ${ADDRESS.gw} ${PORT.master} 53 1.5`,
    ]);
    await start('gw', RELAY);
    writeSlave(host, { forwarder: ADDRESS.gw });
    await restart(host, 'slave-dns');
    return { host, did: `the slave on ${host} forwards by way of a slow relay beyond the gateway` };
  },
  async heal({ host }) {
    writeSlave(asNode(host));
    await restart(host, 'slave-dns');
    await stop('gw', RELAY);
  },
};

export default fault;
