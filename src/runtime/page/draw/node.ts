import { html, type Html } from '../html.ts';
import { WORDS } from '../signs.ts';
import type { NodeView, Topology } from '../topology.ts';
import { fit, mark, rect, row, titled, words, type Box, type Sheet } from './pen.ts';

const HEAD = 30;
const pitch = ({ font }: Sheet): number => font + 9;

/** The row that says what the node is to the virtual address stands above the others. */
const rowsOf = ({ facts }: NodeView): number => facts.length + 1;

export const nodeHeight = ({ nodes }: Topology, sheet: Sheet): number =>
  HEAD + Math.max(...nodes.map(rowsOf)) * pitch(sheet) + 14;

/** Side by side, with equal room. */
export function nodePlaces(nodes: readonly NodeView[], top: number, sheet: Sheet): readonly Box[] {
  const gap = sheet.narrow ? 8 : 44;
  const w = Math.min(
    sheet.narrow ? 200 : 340,
    (sheet.width - gap * (nodes.length - 1)) / nodes.length,
  );
  const left = (sheet.width - w * nodes.length - gap * (nodes.length - 1)) / 2;
  const h = HEAD + Math.max(...nodes.map(rowsOf)) * pitch(sheet) + 14;
  return nodes.map((_, index) => ({ x: left + index * (w + gap), y: top, w, h }));
}

export function drawNode(
  node: NodeView,
  box: Box | undefined,
  disputed: boolean,
  sheet: Sheet,
): Html {
  if (box === undefined) return html``;
  const { font } = sheet;
  const { x, y, w } = box;
  const pad = sheet.narrow ? 7 : 14;
  const address = w > 190 ? node.address : '';
  const facts = [holding(node, disputed), ...node.facts];
  return html`${titled(
    `${node.name}, ${node.address}: host ${node.reach.says} (${WORDS[node.reach.sign]})`,
    rect(box, `box ${node.reach.sign}`),
    mark(node.reach.sign, x + pad, y + 10, font + 2),
    words(fit(node.name, w - 40, font + 3), {
      at: [x + pad + font + 8, y + 23],
      size: font + 3,
      classes: 'strong',
    }),
    words(address, { at: [x + w - pad, y + 23], size: font, classes: 'muted', anchor: 'end' }),
  )}${facts.map((each, index) =>
    row(
      each,
      { x: x + pad, y: y + HEAD + (index + 1) * pitch(sheet), w: w - 2 * pad, h: 0 },
      sheet,
    ),
  )}`;
}

function holding({ claim, witnesses }: NodeView, disputed: boolean) {
  const by = witnesses.length === 0 || !disputed ? '' : `: ${witnesses.join(', ')}`;
  switch (claim) {
    case 'holds':
      return {
        topic: 'VIP',
        sign: disputed ? ('bad' as const) : ('good' as const),
        says: `HOLDS it${by}`,
      };
    case 'claims':
      return {
        topic: 'VIP',
        sign: disputed ? ('bad' as const) : ('warning' as const),
        says: `claimed${by}`,
      };
    case 'not':
      return { topic: 'VIP', sign: 'none' as const, says: 'not here' };
    case 'unknown':
      return { topic: 'VIP', sign: 'unknown' as const, says: 'not known' };
  }
}
