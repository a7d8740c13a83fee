import { html, type Html } from '../html.ts';
import type { Link } from '../links.ts';
import { WORDS } from '../signs.ts';
import type { Topology } from '../topology.ts';
import { fit, mark, rect, tip, titled, wire, words, type Box, type Sheet } from './pen.ts';

const LANE = 46;

/** One lane below the nodes for each link of replication. */
export const linksHeight = ({ links }: Topology): number =>
  links.length === 0 ? 12 : links.length * LANE + 14;

interface Room {
  readonly top: number;
  readonly places: readonly Box[];
}

/** From the primary down, along its lane, and up to whoever follows it. */
export const drawLinks = ({ links, nodes }: Topology, { top, places }: Room, sheet: Sheet): Html =>
  html`${links.map((link, index) => {
    const middle = (name: string | undefined): number | undefined => {
      const place = places[nodes.findIndex((node) => node.name === name)];
      return place === undefined ? undefined : place.x + place.w / 2;
    };
    const to = middle(link.to);
    if (to === undefined) return undefined;
    const from = middle(link.from) ?? middle(nodes[0]?.name) ?? to;
    return lane(link, { from: from + index * 12, to, top, y: top + 26 + index * LANE }, sheet);
  })}`;

interface Course {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly y: number;
}

function lane(link: Link, { from, to, top, y }: Course, sheet: Sheet): Html {
  const { font } = sheet;
  const text = fit(`${font > 12 ? 'replication: ' : ''}${link.says}`, sheet.width - 60, font);
  const w = text.length * font * 0.57 + font + 22;
  const x = Math.min(Math.max((from + to) / 2 - w / 2, 2), sheet.width - w - 2);
  const known = link.from !== undefined && link.is !== 'broken';
  return titled(
    `Replication ${link.from === undefined ? '' : `from ${link.from} `}to ${link.to}: ${link.says} (${WORDS[link.sign]})`,
    wire(`M${from} ${top}V${y}H${to}V${top + (known ? 8 : 0)}`, link.sign),
    ...(known ? [tip(to, top, link.sign, true)] : []),
    rect({ x, y: y - font, w, h: font * 2 }, 'plate', 4),
    mark(link.sign, x + 6, y - font / 2 - 1, font),
    words(text, { at: [x + font + 12, y + font / 2 - 2], size: font, classes: 'strong' }),
  );
}
