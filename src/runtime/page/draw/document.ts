import { isoTime } from '../../../core/time.ts';
import { asIs, html, type Html } from '../html.ts';
import { WORDS } from '../signs.ts';
import type { Incident } from '../incidents.ts';
import { hashOfAll, type View } from '../view.ts';
import { drawIncidents } from './incidents.ts';
import { drawLooks, drawMonitor } from './looks.ts';
import { drawOverview } from './overview.ts';
import { clockTime, SHAPES } from './parts.ts';
import { OLD, STYLE } from './style.ts';
import { drawTimeline } from './timeline.ts';
import { drawTold } from './told.ts';
import { drawTopology } from './topology.ts';
import { topologyTable } from './topology-words.ts';
import { drawVerdict, spokenVerdict } from './verdict.ts';

/** How often a page without script asks for itself anew, in seconds. */
const RELOAD = 10;

/** The part of the page that changes; its hash tells whether there is anything newer. */
export const drawMain = (view: View): Html =>
  html`<main
    id="main"
    tabindex="-1"
    data-hash="${hashOfAll(view)}"
    data-now="${isoTime(view.now)}"
    data-icon="${iconOf(view)}"
    data-title="${titleOf(view)}"
    data-spoken="${spokenOf(view)}"
  >
    ${view.region === undefined ? several(view) : one(view, view.region)}
    ${drawMonitor(view.monitor, view.now)}
  </main>`;

const nameOf = ({ region }: View): string => region?.name ?? 'all regions';

function titleOf(view: View): string {
  const word = view.region?.verdict.up.word ?? WORDS[view.sign].toUpperCase();
  return `${word} · ${nameOf(view)} · maas-ha-monitor`;
}

const spokenOf = ({ region, lines }: View): string =>
  region === undefined
    ? lines
        .filter(({ sign }) => sign !== 'good')
        .map(({ name, verdict }) => `${name}: ${verdict.up.word}.`)
        .join(' ') || 'All regions are up.'
    : spokenVerdict(region.name, region.verdict);

function one(view: View, region: NonNullable<View['region']>): Html {
  const shown = {
    incidents: together(region.incidents, view),
    pending: region.pending,
    channels: view.channels.length,
    several: view.monitor.incidents.length > 0,
    more: 0,
  };
  return html`${drawVerdict(region.verdict)}
    <div class="grid">
      ${drawIncidents(shown, view.now)}
      <div class="left">
        <section id="topology" aria-labelledby="h-topology">
          <h2 id="h-topology">Who holds what</h2>
          ${drawTopology(region.topology, region.name)} ${topologyTable(region.topology)}
        </section>
        ${drawTimeline(region.timeline, view.now)}
      </div>
      ${drawTold(view)}
    </div>
    ${drawLooks(region.looks, view.now)}`;
}

/** An incident of the monitor itself concerns every region that it watches. */
const together = (own: readonly Incident[], { monitor }: View): readonly Incident[] => [
  ...own,
  ...monitor.incidents,
];

/** Incidents of that many regions are drawn; the rest is a click away. */
const MOST = 20;

function several(view: View): Html {
  const all = together(
    view.lines.flatMap(({ incidents }) => incidents),
    view,
  );
  const shown = {
    incidents: all.slice(0, MOST),
    pending: [],
    channels: view.channels.length,
    several: true,
    more: Math.max(0, all.length - MOST),
  };
  return html`${drawOverview(view)} ${drawIncidents(shown, view.now)} ${drawTold(view)}`;
}

/** The whole page. Nothing in it comes from elsewhere, and all but the freshness works without the script. */
export const drawDocument = (view: View, title: string): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${titleOf(view)}</title>
        <link rel="icon" id="icon" href="${iconOf(view)}" />
        <noscript><meta http-equiv="refresh" content="${RELOAD}" /></noscript>
        ${asIs(`<style>${STYLE}</style>`)}
        <script src="/page.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">To the verdict</a>
        <p id="old" role="status">
          This page has not renewed itself for more than ${OLD} seconds: what it shows is OLD.
          <a href="">Load it again</a>
        </p>
        <p id="lost" role="alert" hidden></p>
        <p id="spoken" class="unseen" role="status" aria-live="polite"></p>
        ${SHAPES}
        <header>
          <h1>
            ${view.region === undefined ? 'MAAS regions' : view.region.name}${view.region !== undefined && html` <small>VIP ${view.region.vip}</small>`}
          </h1>
          <p class="asof">
            as of <b id="asof">${clockTime(view.now)}</b> UTC
            <span id="link">· renewed every ${RELOAD} s</span>
          </p>
          <nav aria-label="Page">
            ${navOf(view).map(([href, name]) => html`<a href="${href}">${name}</a>`)}
          </nav>
        </header>
        ${drawMain(view)}
        <footer>
          <p>
            ${title} · <a href="/metrics">metrics</a> · <a href="/status.json">JSON</a> ·
            <a href="/healthz">health of the monitor</a>
          </p>
        </footer>
      </body>
    </html> `;

const navOf = ({ region, lines }: View): readonly (readonly [string, string])[] => [
  ...(region !== undefined && lines.length > 1 ? [['/', 'all regions'] as const] : []),
  ['#incidents', 'incidents'],
  ...(region === undefined
    ? []
    : [['#topology', 'topology'] as const, ['#timeline', 'timeline'] as const]),
  ['#told', 'told'],
  ...(region === undefined ? [] : [['#checks', 'checks'] as const]),
  ['#monitor', 'monitor'],
];

const COLOURS = {
  bad: 'b30f1a',
  warning: 'eeb13c',
  unknown: '8a63d2',
  good: '12692c',
  none: '505a64',
};

/** For who has twenty tabs open. */
const iconOf = ({ sign }: View): string =>
  `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3C${sign === 'bad' ? "rect width='16' height='16'" : "circle cx='8' cy='8' r='8'"} fill='%23${COLOURS[sign]}'/%3E%3C/svg%3E`;
