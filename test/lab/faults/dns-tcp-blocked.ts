import { activeNode, type Fault } from '../faults.ts';
import { ADDRESS, namespace, peer, PORT, type Host } from '../plan.ts';
import { run } from '../shell.ts';

/** What its slave answers over TCP does not leave the host. */
const answers = (host: Host, action: 'add' | 'del'): Promise<string> => {
  const match = `from ${ADDRESS[host]} ipproto tcp sport ${PORT.slave}`;
  return run([
    'sh',
    '-c',
    `ip -n ${namespace(host)} rule ${action} ${match} priority 95 blackhole`,
  ]);
};

const fault: Fault = {
  about: "A firewall lets the passive node's slave answer over UDP only.",
  sees: ['MaasHaDnsTransportBroken'],
  async inject() {
    const host = peer(await activeNode());
    await answers(host, 'add');
    return { host, did: `dropped what the slave on ${host} answers over TCP` };
  },
  async heal({ host }) {
    await answers(host, 'del');
  },
};

export default fault;
