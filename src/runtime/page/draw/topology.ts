import { html, type Html } from '../html.ts';
import type { Topology } from '../topology.ts';
import { bandHeight, drawBand, drawClusters, clustersHeight } from './around.ts';
import { drawLinks, linksHeight } from './lanes.ts';
import { drawNode, nodeHeight, nodePlaces } from './node.ts';
import type { Sheet } from './pen.ts';
import { inWords } from './topology-words.ts';
import { drawHolding, drawVip, vipHeight } from './vip.ts';

const WIDE: Sheet = { width: 760, font: 14, narrow: false };
const NARROW: Sheet = { width: 348, font: 11.5, narrow: true };
/** Room between the layers, for the wires. */
const GAP = 44;

/** The region drawn, for wide and for narrow windows; the same in words stands in `inWords`. */
export const drawTopology = (topology: Topology, region: string): Html =>
  html`<figure>
    ${drawing(topology, region, WIDE, 'wide')} ${drawing(topology, region, NARROW, 'narrow')}
  </figure>`;

/** From top to bottom: who uses it, the virtual address, the nodes, what flows between them, the rest. */
function drawing(topology: Topology, region: string, sheet: Sheet, name: string): Html {
  const clusters = clustersHeight(topology, sheet);
  const vipTop = 4 + clusters + GAP - 8;
  const vip = vipHeight(topology, sheet);
  const nodesTop = vipTop + vip + GAP + 8;
  const places = nodePlaces(topology.nodes, nodesTop, sheet);
  const lanesTop = nodesTop + nodeHeight(topology, sheet);
  const bandTop = lanesTop + linksHeight(topology);
  const height = Math.ceil(bandTop + bandHeight(topology, sheet) + 4);
  return html`<svg
    class="topology ${name}"
    viewBox="0 0 ${sheet.width} ${height}"
    role="img"
    aria-labelledby="t-${name} d-${name}"
  >
    <title id="t-${name}">How ${region} is connected, and who holds what</title>
    <desc id="d-${name}">${inWords(topology)}</desc>
    ${drawClusters(topology, { top: 4, to: vipTop }, sheet)}
    ${drawHolding(topology, { from: vipTop + vip, places }, sheet)}
    ${drawVip(topology, vipTop, sheet)}
    ${topology.nodes.map((node, index) => drawNode(node, places[index], topology.vip.holder.is === 'disputed', sheet))}
    ${drawLinks(topology, { top: lanesTop, places }, sheet)} ${drawBand(topology, bandTop, sheet)}
  </svg>`;
}
