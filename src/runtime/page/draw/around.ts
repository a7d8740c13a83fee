import { html, type Html } from '../html.ts';
import { rankOf, WORDS, worstSign } from '../signs.ts';
import type { Beside, Topology } from '../topology.ts';
import { fit, mark, rect, tip, titled, wire, words, type Sheet } from './pen.ts';

/* What stands around the region: clusters above it, the servers that it leans on below. */

const BOX = 46;
const BETWEEN = 10;
/** More are counted, not drawn; the worst are drawn. */
const MOST = 7;

interface Drawn {
  readonly shown: readonly Beside[];
  readonly rest: number;
}

function pick(all: readonly Beside[]): Drawn {
  if (all.length <= MOST) return { shown: all, rest: 0 };
  const worstFirst = [...all].sort((a, b) => rankOf(a.sign) - rankOf(b.sign));
  return { shown: worstFirst.slice(0, MOST - 1), rest: all.length - MOST + 1 };
}

const PEOPLE: Beside = {
  name: 'machines and people',
  address: '',
  sign: 'none',
  says: 'use the VIP',
};

const users = ({ clusters }: Topology): readonly Beside[] => {
  const { shown, rest } = pick(clusters);
  const others = clusters.filter((each) => !shown.includes(each));
  return [
    PEOPLE,
    ...shown,
    ...(rest === 0
      ? []
      : [
          {
            name: `and ${rest} more clusters`,
            address: '',
            sign: worstSign(others.map(({ sign }) => sign)),
            says: 'none of them worse',
          },
        ]),
  ];
};

const perRow = ({ narrow }: Sheet): number => (narrow ? 2 : 4);
const rowsOf = (count: number, sheet: Sheet): number => Math.ceil(count / perRow(sheet));

export const clustersHeight = (topology: Topology, sheet: Sheet): number =>
  rowsOf(users(topology).length, sheet) * (BOX + BETWEEN) - BETWEEN;

/** Everybody who uses the region, and how well each cluster is connected. */
export function drawClusters(
  topology: Topology,
  { top, to }: { readonly top: number; readonly to: number },
  sheet: Sheet,
): Html {
  const all = users(topology);
  const middle = sheet.width / 2;
  const low = to - 18;
  return html`${boxes(all, top, sheet, low)}${wire(`M${middle} ${low}V${to - 6}`, 'none')}${tip(middle, to, 'none')}`;
}

/** Boxes in rows; with `down`, a wire leads from each of the last row to there and to the middle. */
function boxes(all: readonly Beside[], top: number, sheet: Sheet, down?: number): Html {
  const columns = Math.min(perRow(sheet), all.length);
  const w = Math.min(230, (sheet.width - BETWEEN * (columns - 1) - 4) / columns);
  const left = (sheet.width - w * columns - BETWEEN * (columns - 1)) / 2;
  const last = rowsOf(all.length, sheet) - 1;
  return html`${all.map((each, index) => {
    const line = Math.floor(index / columns);
    const x = left + (index % columns) * (w + BETWEEN);
    const y = top + line * (BOX + BETWEEN);
    // Those of an upper row go down between the columns, of which there is an even number then.
    const turn = line < last ? y + BOX + BETWEEN / 2 : down;
    const wires =
      down === undefined || turn === undefined
        ? []
        : [wire(`M${x + w / 2} ${y + BOX}V${turn}H${sheet.width / 2}V${down}`, each.sign)];
    return beside(each, { x, y, w }, sheet, wires);
  })}`;
}

function beside(
  each: Beside,
  { x, y, w }: { readonly x: number; readonly y: number; readonly w: number },
  { font }: Sheet,
  wires: readonly Html[],
): Html {
  const size = font - 1;
  const address = each.address === each.name ? '' : ` ${each.address}`;
  return titled(
    `${each.name}${address}: ${each.says} (${WORDS[each.sign]})`,
    ...wires,
    rect({ x, y, w, h: BOX }, `box ${each.sign}`),
    mark(each.sign, x + 8, y + 7, font),
    words(fit(each.name, w - font - 24, font), {
      at: [x + font + 14, y + 19],
      size: font,
      classes: 'strong',
    }),
    words(fit(each.says, w - 16, size), { at: [x + 9, y + 37], size }),
  );
}

const below = ({ slaves, trusted }: Topology): readonly Beside[] => [
  ...slaves.map((each) => ({ ...each, says: `slave DNS: ${each.says}` })),
  ...trusted.map((each) => ({ ...each, says: `trusted: ${each.says}` })),
];

export const bandHeight = (topology: Topology, sheet: Sheet): number => {
  const count = below(topology).length;
  return count === 0 ? 0 : rowsOf(count, sheet) * (BOX + BETWEEN);
};

/** Slave DNS servers that are no nodes, and the servers by which the nodes know that they are not cut off. */
export const drawBand = (topology: Topology, top: number, sheet: Sheet): Html =>
  boxes(below(topology), top, sheet);
