import { ADDRESS, namespace, NODES, PORT, VIP, type Cluster } from './plan.ts';
import { tryRun } from './shell.ts';

/* A cluster controller that is cut off from the region, while everybody else goes on reaching it. */

/** Nothing of it arrives at the virtual address or at an event loop. */
export const cutRegion = (cluster: Cluster): Promise<void> => regionRules(cluster, 'add');
export const joinRegion = (cluster: Cluster): Promise<void> => regionRules(cluster, 'del');

async function regionRules(cluster: Cluster, action: 'add' | 'del'): Promise<void> {
  const loops = NODES.map((node) => `to ${ADDRESS[node]} ipproto tcp dport ${PORT.rpc}`);
  for (const match of [`to ${VIP}`, ...loops]) {
    // A host's own table of addresses has priority 0: this concerns what leaves it.
    const rule = `ip -n ${namespace(cluster)} rule ${action} ${match} priority 95 blackhole`;
    const ran = await tryRun(['sh', '-c', rule]);
    // Deleting what is not there any more is what was wanted.
    if (ran.code !== 0 && action === 'add') throw new Error(`${rule}: ${ran.stderr}`);
  }
}
