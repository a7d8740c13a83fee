import { evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure, isSilence } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import type { HttpReply } from '../../core/ports/network.ts';
import { printable } from '../../core/printable.ts';
import type { Node } from '../../core/region.ts';
import { nodeNamed } from './names.ts';
import { claim } from './wire.ts';

/* The page on which every node serves its own name: at the virtual address it says who holds that. */

/** What a marker said: a node's name, or why it is no marker. */
export type Said = { readonly node: string } | CheckFailure;

/** Reads a marker's answer: status 200, and the name of a node as plain text. */
export function readMarker(reply: HttpReply | CheckFailure, nodes: readonly Node[]): Said {
  if (reply instanceof CheckFailure) return reply;
  const text = reply.body.trim();
  const found =
    reply.status === 200
      ? `says "${printable(text, 40)}", which is no node's name`
      : `answers with status ${reply.status}`;
  const node = reply.status === 200 ? nodeNamed(nodes, text) : undefined;
  return node === undefined ? new CheckFailure('protocol', found) : { node };
}

/** What the markers come to, the one at the virtual address and that of each node. */
export function markerNotes(
  vip: Said,
  own: readonly { readonly name: string; readonly said: Said }[],
): readonly Note[] {
  const liar = own.find(({ name, said }) => 'node' in said && said.node !== name);
  if (liar !== undefined && 'node' in liar.said) {
    const says = `${liar.name} says of itself that it is ${liar.said.node}: the marker proves nothing`;
    return [gap('marker', new CheckFailure('config', says))];
  }
  const broken = own.flatMap(({ name, said }) =>
    said instanceof CheckFailure ? [evidence(name, `has no working marker: ${said.message}`)] : [],
  );
  if (vip instanceof CheckFailure) {
    return isSilence(vip)
      ? [evidence('marker', `no answer at the virtual address (${vip.code})`), ...broken]
      : [gap('marker', vip), ...broken];
  }
  return [
    ...own.map(({ name: node }) => observe(claim, node === vip.node, { witness: 'marker', node })),
    evidence('marker', `${vip.node} answers at the virtual address`),
    ...broken,
  ];
}
