import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runIn, tryRunIn } from './net.ts';
import { ADDRESS, paths, PORT, SUBNET, type Node } from './plan.ts';
import { reload } from './processes.ts';

/*
 * The fence has two lines. A packet filter on each node keeps its own application from every PostgreSQL that is
 * not behind the virtual address on this very node; it is the same on both, so a takeover changes nothing in it.
 * pgpool's pool_hba.conf lets MAAS in from the virtual address only, that is, from the active node.
 */

const MARK = '# the fence is open';
const TABLE = 'inet maasha_fence';

/** The active node reaches its own virtual address over lo; PostgreSQL, pgpool and root need each other's 5432. */
const FILTER = `add table ${TABLE}
delete table ${TABLE}
table ${TABLE} {
  chain output {
    type filter hook output priority filter; policy accept;
    oifname "eth0" tcp dport ${PORT.pgpool} counter reject with tcp reset
    oifname "eth0" tcp dport ${PORT.postgres} meta skuid != { root, postgres } counter reject with tcp reset
  }
}
`;

/** What a node says of its own fence lies here. */
export const REPORT = 'report.json';
export const reportOf = (node: Node): string => join(paths.daemon(node, 'fence'), REPORT);

export const closeFilter = (node: Node): Promise<string> =>
  runIn(node, ['nft', '-f', '-'], { input: FILTER });

export const openFilter = (node: Node): Promise<string> =>
  runIn(node, ['nft', 'delete', 'table', ...TABLE.split(' ')]);

export async function isFiltered(node: Node): Promise<boolean> {
  const ran = await tryRunIn(node, ['nft', 'list', 'table', ...TABLE.split(' ')]);
  return ran.stdout.includes(`tcp dport ${PORT.pgpool}`);
}

const hba = (node: Node): string => join(paths.daemon(node, 'pgpool'), 'pool_hba.conf');

const open = (node: Node, from: string): void => {
  appendFileSync(hba(node), `host maasdb maas ${from} scram-sha-256 ${MARK}\n`);
  reload(node, 'pgpool');
};

/** Lets the region of `from` through the pgpool of `node`, from its own address. */
export const openHba = (node: Node, from: Node): void => {
  open(node, `${ADDRESS[from]}/32`);
};

/** Lets MAAS through the pgpool of `node` from every address of the segment. */
export const openHbaToAll = (node: Node): void => {
  open(node, SUBNET);
};

export function closeHba(node: Node): void {
  const lines = readFileSync(hba(node), 'utf8').split('\n');
  writeFileSync(hba(node), lines.filter((line) => !line.endsWith(MARK)).join('\n'));
  reload(node, 'pgpool');
}
