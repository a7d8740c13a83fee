import { html, type Html } from '../html.ts';
import { WORDS, worstSign, type Sign } from '../signs.ts';
import type { NodeView, Topology } from '../topology.ts';
import {
  badge,
  fit,
  mark,
  rect,
  row,
  tip,
  titled,
  wire,
  words,
  type Box,
  type Sheet,
} from './pen.ts';

const HEAD = 54;
const pitch = ({ font }: Sheet): number => font + 9;
const columns = ({ narrow }: Sheet): number => (narrow ? 1 : 2);

export const vipHeight = ({ vip }: Topology, sheet: Sheet): number =>
  HEAD + Math.ceil(vip.facts.length / columns(sheet)) * pitch(sheet) + 10;

/** The virtual address: whether it answers, who holds it, and what is reached through it. */
export function drawVip(topology: Topology, top: number, sheet: Sheet): Html {
  const { vip } = topology;
  const { font } = sheet;
  const w = sheet.narrow ? sheet.width - 8 : 540;
  const box = { x: (sheet.width - w) / 2, y: top, w, h: vipHeight(topology, sheet) };
  const sign = worstSign([vip.answers.sign, vip.holder.sign]);
  const pad = sheet.narrow ? 9 : 16;
  const left = box.x + pad;
  const column = (w - 2 * pad) / columns(sheet);
  return html`${titled(
    `Virtual address ${vip.addresses.join(', ')}: ${vip.answers.says}; ${vip.holder.says} (${WORDS[sign]})`,
    rect(box, `box ${sign === 'good' ? 'good' : sign}`, 14),
    mark(vip.answers.sign, left, top + 9, font + 2),
    words(fit(`VIP ${vip.addresses[0] ?? ''} ${vip.answers.says}`, w - 2 * pad - font, font + 3), {
      at: [left + font + 8, top + 23],
      size: font + 3,
      classes: 'strong',
    }),
    mark(vip.holder.sign, left, top + 31, font),
    words(fit(vip.holder.says, w - 2 * pad - font, font + 1), {
      at: [left + font + 8, top + 43],
      size: font + 1,
      classes: `strong sign ${vip.holder.sign}`,
    }),
  )}${vip.facts.map((each, index) =>
    row(
      each,
      {
        x: left + (index % columns(sheet)) * column,
        y: top + HEAD + (Math.floor(index / columns(sheet)) + 1) * pitch(sheet) - 6,
        w: column,
        h: 0,
      },
      sheet,
    ),
  )}`;
}

interface Reach {
  /** Where the virtual address ends. */
  readonly from: number;
  readonly places: readonly Box[];
}

/** From the virtual address to each node: who has it, who says so, who has it not. */
export function drawHolding(topology: Topology, { from, places }: Reach, sheet: Sheet): Html {
  const { holder } = topology.vip;
  return html`${topology.nodes.map((node, index) => {
    const place = places[index];
    if (place === undefined) return undefined;
    const look = wireOf(node, holder.is);
    const x = place.x + place.w / 2;
    const start = sheet.width / 2 + (x - sheet.width / 2) * (sheet.narrow ? 0.8 : 0.5);
    const middle = (from + place.y) / 2;
    const path = `M${start} ${from}C${start} ${middle} ${x} ${middle} ${x} ${place.y - 6}`;
    return titled(
      `${node.name}: ${look.title}`,
      wire(path, look.classes),
      ...(look.word === '' ? [] : [tip(x, place.y, look.sign)]),
      ...(look.word === ''
        ? []
        : [badge(look.word, (start + x) / 2, middle - sheet.font + 2, sheet.font, look.badge)]),
    );
  })}`;
}

interface Look {
  readonly title: string;
  readonly sign: Sign;
  readonly classes: string;
  readonly badge: Sign;
  readonly word: string;
}

function wireOf({ claim }: NodeView, is: Topology['vip']['holder']['is']): Look {
  const disputed = is === 'disputed';
  if (claim === 'holds' || (claim === 'claims' && disputed))
    return disputed
      ? look('one of several that hold the virtual address', 'bad', 'bad thick', 'DISPUTED')
      : { ...look('holds the virtual address', 'good', 'good thick', 'holds'), badge: 'none' };
  if (claim === 'claims')
    return look('named by a witness, not agreed', 'unknown', 'unknown', 'claimed?');
  if (claim === 'unknown')
    return look('whether it holds the virtual address is not known', 'unknown', 'unknown', '?');
  return look('does not hold the virtual address', 'none', 'none', '');
}

const look = (title: string, sign: Sign, classes: string, word: string): Look => ({
  title,
  sign,
  classes: `${sign} ${classes}`,
  badge: sign,
  word,
});
