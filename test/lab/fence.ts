import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESS, paths, type Node } from './plan.ts';
import { reload } from './processes.ts';

/* pgpool's fence: its pool_hba.conf lets MAAS in from the virtual address only, that is, from the active node. */

const MARK = '# the fence is open';

const hba = (node: Node): string => join(paths.daemon(node, 'pgpool'), 'pool_hba.conf');

/** Lets the region of `from` through the pgpool of `node`, from its own address. */
export function openFence(node: Node, from: Node): void {
  appendFileSync(hba(node), `host maasdb maas ${ADDRESS[from]}/32 scram-sha-256 ${MARK}\n`);
  reload(node, 'pgpool');
}

export function closeFence(node: Node): void {
  const lines = readFileSync(hba(node), 'utf8').split('\n');
  writeFileSync(hba(node), lines.filter((line) => !line.endsWith(MARK)).join('\n'));
  reload(node, 'pgpool');
}
