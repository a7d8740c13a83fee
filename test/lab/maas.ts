import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryRunIn } from './net.ts';
import { ADDRESS, CLUSTERS, PASSWORD, paths, UUID, VIP, type Cluster, type Node } from './plan.ts';
import { source, writeDaemon } from './processes.ts';

/* The stand-ins for MAAS's own programs: a region on each node, a cluster controller on each cc host. */

/** Not whatever python3 comes first: Debian's, which has Debian's Twisted. */
const PYTHON = '/usr/bin/python3 -B -u';

/** Files that change, while they exist, what the regions and the hook of pgpool do. */
export const markers = {
  /** The region's pages are not listened for, and all else of it goes on. */
  deaf: (node: Node): string => join(paths.shared, `region-deaf-${node}`),
  /** Pages come late. */
  get slow(): string {
    return join(paths.shared, 'region-slow');
  },
  /** The hook announces the address, restarts nothing, and says that all went well. */
  get silent(): string {
    return join(paths.shared, 'hook-silent');
  },
};

export function writeRegion(node: Node): void {
  const where = `--name ${node} --address ${ADDRESS[node]} --vip ${VIP}`;
  writeDaemon(node, 'region', [
    `${PYTHON} ${quote(source('region.py'))} ${where}`,
    `--password ${PASSWORD.maas} --secret-file ${paths.shared}/rpc-secret`,
    `--clusters ${CLUSTERS.map((cluster) => `${cluster}=${UUID[cluster]}`).join(',')}`,
    `--stuck ${paths.regionStuck} --deaf ${markers.deaf(node)} --slow ${markers.slow}`,
  ]);
}

export function writeCluster(cluster: Cluster): void {
  writeDaemon(cluster, 'cluster', [
    `${PYTHON} ${quote(source('cluster.py'))} --uuid ${UUID[cluster]} --vip ${VIP}`,
    `--secret-file ${paths.shared}/rpc-secret --state ${stateFile(cluster)}`,
  ]);
}

const quote = (path: string) => `'${path.replaceAll("'", `'\\''`)}'`;

const stateFile = (cluster: Cluster) => join(paths.daemon(cluster, 'cluster'), 'state.json');

/** The event loops that the region at the virtual address advertises; undefined when it does not say. */
export async function eventLoops(): Promise<string[] | undefined> {
  const url = `http://${VIP}/MAAS/rpc/`;
  const ran = await tryRunIn('mon', ['curl', '-sSf', '-m', '5', url], { timeout: 6_000 });
  if (ran.code !== 0) return undefined;
  const answer = JSON.parse(ran.stdout) as { eventloops: Record<string, unknown> | null };
  return Object.keys(answer.eventloops ?? {});
}

/** The event loops that a cluster is connected to; undefined when it has not said so lately. */
export function connectedLoops(cluster: Cluster): string[] | undefined {
  try {
    const text = readFileSync(stateFile(cluster), 'utf8');
    const state = JSON.parse(text) as { at: number; connected: string[] };
    return Date.now() / 1000 - state.at < FRESH ? state.connected : undefined;
  } catch {
    return undefined;
  }
}

/** Seconds; a cluster writes at every poll, and a poll may take 5 s. */
const FRESH = 9;
