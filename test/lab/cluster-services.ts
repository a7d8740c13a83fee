import { runIn, tryRunIn } from './net.ts';
import type { Cluster } from './plan.ts';
import type { Section } from './services.ts';

/** The cluster of the monitor's configuration, with one more service, and what that is asked for. */
export function addService(
  clusters: readonly Section[],
  name: Cluster,
  service: string,
  probes: Section = {},
): void {
  const cluster = clusters.find((each) => each['name'] === name);
  if (cluster === undefined) throw new Error(`the configuration has no cluster ${name}`);
  cluster['services'] = [
    ...((cluster['services'] as readonly string[] | undefined) ?? []),
    service,
  ];
  const all = { ...(cluster['probes'] as Section | undefined), ...probes };
  if (Object.keys(all).length > 0) cluster['probes'] = all;
}

const TABLE = ['inet', 'maasha_shut'];

/** Lets nobody begin anything with a cluster controller any more, as a packet filter would; it answers echoes. */
export const shut = (cluster: Cluster): Promise<string> =>
  runIn(cluster, ['nft', '-f', '-'], {
    input: `table ${TABLE.join(' ')} {
  chain input {
    type filter hook input priority filter; policy accept;
    tcp flags & (syn | ack) == syn drop
    udp dport 1-1023 drop
  }
}
`,
  });

export async function unshut(cluster: Cluster): Promise<void> {
  await tryRunIn(cluster, ['nft', 'delete', 'table', ...TABLE]);
}
