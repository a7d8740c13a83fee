import { networkInterfaces } from 'node:os';
import type { Region } from '../core/region.ts';
import { UsageError } from './exit.ts';

/** This machine's addresses, as the kernel has them at this moment. */
const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));

/**
 * The region as a check sees it that runs on one of its nodes: the fence is then tried from here.
 *
 * @throws UsageError when this machine is none of the nodes.
 */
export function seenFromHere(region: Region, own: readonly string[] = ownAddresses()): Region {
  const { fencing, nodes, vip } = region;
  if (fencing === undefined) return region;
  const node = nodes.find(({ address }) => own.includes(address));
  if (node === undefined)
    throw new UsageError(
      `this machine has none of the addresses of ${nodes.map(({ name }) => name).join(', ')}: what a node says of its own fence is found out on that node`,
    );
  return {
    ...region,
    fencing: { ...fencing, self: { node: node.name, active: own.includes(vip) } },
  };
}
