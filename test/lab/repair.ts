import { holdsVip, runIn } from './net.ts';
import { attach, backends, leader, restartPgpool } from './pgpool.ts';
import { NODES, paths, peer, VIP, type Node } from './plan.ts';
import { postgresState, rebuildStandby } from './postgres.ts';
import { restart } from './processes.ts';
import { until } from './shell.ts';

/* The operator's steps that more than one repair needs. */

/** Makes a node's failed primary the standby of the one that was promoted instead. */
export async function takeBack(node: Node): Promise<void> {
  const other = peer(node);
  // Never guess which one to rebuild: the survivor has to say itself that it is a primary.
  const promoted = await until(
    60_000,
    async () => ((await postgresState(other)).role === 'primary' ? true : undefined),
    300,
  );
  if (promoted === undefined) throw new Error(`${other} was not promoted: ${node} is left alone`);
  await rebuildStandby(node);
  // A pgpool that met a frozen server may go on waiting for it until it is restarted.
  if (!(await followsPrimary(other))) await restartPgpool((await leader()) ?? other);
  await attach(node);
}

/** Whether the leading pgpool answers for its backends and takes `primary` for the primary. */
async function followsPrimary(primary: Node): Promise<boolean> {
  const follows = await until(
    10_000,
    async () => {
      const at = await leader();
      const seen = at === undefined ? undefined : await backends(at);
      return seen?.[primary].role === 'primary' ? true : undefined;
    },
    300,
  );
  return follows ?? false;
}

/** Waits until a node holds the virtual address and its pgpool leads. */
export async function waitForOwner(node: Node): Promise<void> {
  const owns = await until(
    60_000,
    async () => ((await holdsVip(node)) && (await leader()) === node ? true : undefined),
    300,
  );
  if (owns === undefined) throw new Error(`${node} has not taken the virtual address over`);
}

/** Announces the virtual address from a node and restarts what listens on it, as pgpool's hook does. */
export const announce = (node: Node): Promise<string> =>
  runIn(node, [`${paths.shared}/announce.sh`, paths.root, VIP, node]);

/** Restarts both slaves: one that missed its master remembers that for minutes. */
export const freshenSlaves = async (): Promise<void> => {
  await Promise.all(NODES.map((node) => restart(node, 'slave-dns')));
};
