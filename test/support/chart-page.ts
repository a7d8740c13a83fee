import { bars, stat, table, type Box } from './chart-now.ts';
import { lines, timeline, type Happening } from './chart-time.ts';
import { html } from './chart-look.ts';
import type { Panel, Series, Span } from './chart-model.ts';

/* The page: panels at their places in Grafana's grid of 24 columns. */

export const WIDTH = 1600;
const CELL = 30;
const GAP = 8;
const HEAD = 88;
const TITLE = 30;
const PADDING = 8;

export interface Filled {
  readonly panel: Panel;
  readonly series: readonly Series[];
}

export interface Legend {
  readonly name: string;
  readonly color: string;
  readonly count: number;
}

export interface Page {
  readonly title: string;
  readonly says: string;
  readonly legend: readonly Legend[];
  readonly panels: readonly Filled[];
  readonly span: Span;
  readonly happenings: readonly Happening[];
}

const STYLE = `
* { box-sizing: border-box } body { margin: 0; background: #111217; color: #ccccdc; font: 12px Inter, "DejaVu Sans", sans-serif }
header { padding: 12px 16px 0 } h1 { font-size: 20px; font-weight: 500; margin: 0 } header p { margin: 6px 0 0; color: #9fa1ab }
.notice { color: #ff9830 } .key { display: inline-flex; align-items: center; margin-right: 18px } .key i { width: 3px; height: 13px; margin-right: 6px }
section { position: absolute; background: #181b1f; border: 1px solid #25282e; border-radius: 2px; overflow: hidden }
h2 { font-size: 13px; font-weight: 500; margin: 0; padding: 7px 10px; height: ${TITLE}px; white-space: nowrap } .in { padding: 0 ${PADDING}px }
.axis { fill: #9fa1ab; font-size: 11px } .state { fill: #fff; font-size: 11px; paint-order: stroke; stroke: #0008; stroke-width: 2px }
.stats { display: flex; gap: 4px; height: 100% } .stat { flex: 1; border-radius: 2px; color: #111217; display: flex; flex-direction: column; align-items: center; justify-content: center } .stat b { font-weight: 600; line-height: 1.1 }
table { width: 100%; border-collapse: collapse } th { text-align: left; color: #6e9fff; font-weight: 500; height: 24px; padding: 0 6px } td { height: 25px; padding: 0 6px; border-top: 1px solid #25282e; white-space: nowrap } .filled { color: #111217; font-weight: 600 }
.more { position: absolute; right: 10px; bottom: 0; margin: 2px; color: #9fa1ab; background: #181b1f } .nothing { height: 100%; display: flex; align-items: center; justify-content: center; color: #9fa1ab; font-size: 14px }
.legend { display: flex; gap: 14px; height: 22px; overflow: hidden; white-space: nowrap } .legend i { display: inline-block; width: 12px; height: 3px; margin: 0 5px 3px 0 }
.row { background: none; border: 0; border-bottom: 1px solid #25282e } .bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: 6px 8px; align-items: center } .bars i { background: #22252b; height: 18px } .bars u { display: block; height: 18px }
`;

/** The height of the page, for the window that it is drawn in. */
export const heightOf = ({ panels }: Pick<Page, 'panels'>): number =>
  HEAD +
  Math.max(...panels.map(({ panel: { gridPos } }) => gridPos.y + gridPos.h)) * (CELL + GAP) +
  GAP;

/** The whole page as HTML, without a script and without anything from elsewhere. */
export function pageOf(page: Page): string {
  const keys = page.legend.map(
    ({ name, color, count }) =>
      `<span class="key"><i style="background:${color}"></i>${html(name)}: ${count}</span>`,
  );
  return `<!doctype html><meta charset="utf-8"><title>${html(page.title)}</title><style>${STYLE}</style>
<header><h1>${html(page.title)}</h1><p class="notice">${html(page.says)}</p><p>${keys.join('')}</p></header>
${page.panels.map((filled) => placed(filled, page)).join('\n')}`;
}

function placed(filled: Filled, page: Page): string {
  const { x, y, w, h } = filled.panel.gridPos;
  const column = (WIDTH - GAP) / 24;
  const place = {
    left: GAP + x * column,
    top: HEAD + y * (CELL + GAP),
    width: w * column - GAP,
    height: h * (CELL + GAP) - GAP,
  };
  const box = { width: place.width - 2 * PADDING - 2, height: place.height - TITLE - PADDING };
  const style = Object.entries(place).map(([key, value]) => `${key}:${value.toFixed(1)}px`);
  const kind = filled.panel.type === 'row' ? ' class="row"' : '';
  return `<section${kind} style="${style.join(';')}"><h2>${html(filled.panel.title ?? '')}</h2><div class="in" style="height:${box.height}px">${content(filled, box, page)}</div></section>`;
}

function content({ panel, series }: Filled, box: Box, page: Page): string {
  switch (panel.type) {
    case 'stat':
      return stat(panel, series, box);
    case 'table':
      return table(panel, series, box);
    case 'bargauge':
      return bars(panel, series);
    case 'state-timeline':
      return timeline(panel, series, box, page);
    case 'timeseries':
      return lines(panel, series, box, page);
    case 'row':
      return '';
    default:
      return `<div class="nothing">a ${html(panel.type)} is not drawn here: ${series.length} series</div>`;
  }
}
