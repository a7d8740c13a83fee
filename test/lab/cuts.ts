import { run, tryRun } from './shell.ts';
import { ADDRESS, namespace, NODES, peer, PORT } from './plan.ts';

/* Cuts between the two region controllers; everybody else goes on reaching both. */

/** The watchdog's heartbeats between the nodes vanish, and nothing else: TCP works. */
export const cutHeartbeat = (): Promise<void> => heartbeatRules('add');
export const joinHeartbeat = (): Promise<void> => heartbeatRules('del');

async function heartbeatRules(action: 'add' | 'del'): Promise<void> {
  for (const node of NODES) {
    const match = `to ${ADDRESS[peer(node)]} ipproto udp dport ${PORT.heartbeat}`;
    // A host's own table of addresses has priority 0, so this concerns only what leaves it.
    const rule = `ip -n ${namespace(node)} rule ${action} ${match} priority 90 blackhole`;
    const ran = await tryRun(['sh', '-c', rule]);
    // Deleting what is not there any more is what was wanted.
    if (ran.code !== 0 && action === 'add') throw new Error(`${rule}: ${ran.stderr}`);
  }
}

/** The switch passes nothing between the nodes' two ports, not even ARP. */
export const cutNodes = (): Promise<void> => isolate('on');
export const joinNodes = (): Promise<void> => isolate('off');

async function isolate(state: 'on' | 'off'): Promise<void> {
  for (const node of NODES)
    await run([
      ...['ip', '-n', namespace('sw'), 'link', 'set', node],
      ...['type', 'bridge_slave', 'isolated', state],
    ]);
}
