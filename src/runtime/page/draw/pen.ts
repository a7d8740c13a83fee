import { html, type Html } from '../html.ts';
import { WORDS, type Fact, type Sign } from '../signs.ts';

/** How much room a drawing has, in its own units: it is scaled as a whole. */
export interface Sheet {
  readonly width: number;
  readonly font: number;
  readonly narrow: boolean;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Of the widest font that is met; what does not fit is cut, and whole in the title. */
const CHARACTER = 0.6;

export const fit = (text: string, width: number, font: number): string => {
  const most = Math.max(3, Math.floor(width / (font * CHARACTER)));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
};

const round = (value: number): number => Math.round(value * 10) / 10;

/** A group with a title, which a pointer shows and which names it. */
export const titled = (title: string, ...parts: readonly Html[]): Html =>
  html`<g><title>${title}</title>${parts}</g>`;

export const rect = ({ x, y, w, h }: Box, classes: string, radius = 8): Html =>
  html`<rect
    x="${round(x)}"
    y="${round(y)}"
    width="${round(w)}"
    height="${round(h)}"
    rx="${radius}"
    class="${classes}"
  />`;

interface Words {
  readonly at: readonly [x: number, y: number];
  readonly size: number;
  readonly classes?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export const words = (
  text: string,
  { at: [x, y], size, classes = '', anchor = 'start' }: Words,
): Html =>
  html`<text
    x="${round(x)}"
    y="${round(y)}"
    font-size="${size}"
    text-anchor="${anchor}"
    class="${classes}"
    >${text}</text
  >`;

/** A sign's shape, its upper left corner at x and y. */
export const mark = (sign: Sign, x: number, y: number, size: number): Html =>
  html`<use
    href="#i-${sign}"
    x="${round(x)}"
    y="${round(y)}"
    width="${size}"
    height="${size}"
    class="icon ${sign}"
  />`;

export const wire = (path: string, classes: string): Html =>
  html`<path d="${path}" class="wire ${classes}" />`;

/** An arrow's head; it points up or down to x and y. */
export const tip = (x: number, y: number, sign: Sign, up = false): Html => {
  const back = up ? 9 : -9;
  return html`<path d="M${round(x)} ${round(y)}l-6 ${back}h12z" class="tip ${sign}" />`;
};

/** A row of a box: shape, topic, and what is said of it. */
export function row(each: Fact, { x, y, w }: Box, sheet: Sheet): Html {
  const { font } = sheet;
  const left = x + font + 6;
  const room = w - font - 6;
  if (sheet.narrow) return tightRow(each, [left, y], room, font);
  const topic = font * 6.6;
  return titled(
    `${each.topic}: ${each.says} (${WORDS[each.sign]})`,
    mark(each.sign, x, y - font + 1, font),
    words(each.topic, { at: [left, y], size: font, classes: 'muted' }),
    words(fit(each.says, room - topic, font), {
      at: [left + topic, y],
      size: font,
      classes: 'strong',
    }),
  );
}

/** The same without columns, for want of room. */
function tightRow(each: Fact, [x, y]: readonly [number, number], room: number, font: number): Html {
  const says = fit(each.says, room - (each.topic.length + 1) * font * CHARACTER, font);
  return titled(
    `${each.topic}: ${each.says} (${WORDS[each.sign]})`,
    mark(each.sign, x - font - 6, y - font + 1, font),
    html`<text x="${round(x)}" y="${round(y)}" font-size="${font}">
      <tspan class="muted">${each.topic}</tspan> <tspan class="strong">${says}</tspan>
    </text>`,
  );
}

/** A small filled plate with a word in it, its middle at x. */
export function badge(text: string, x: number, y: number, font: number, sign: Sign): Html {
  const w = text.length * font * 0.62 + 16;
  const box = { x: x - w / 2, y, w, h: font + 10 };
  return html`${rect(box, `badge ${sign}`, 6)}${words(text, { at: [x, y + font + 3], size: font, classes: `badge-text ${sign}`, anchor: 'middle' })}`;
}
