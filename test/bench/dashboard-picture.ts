import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Asker } from '../support/chart-data.ts';
import { colour } from '../support/chart-look.ts';
import type { Dashboard, Panel, Span } from '../support/chart-model.ts';
import { heightOf, pageOf, WIDTH, type Page } from '../support/chart-page.ts';

/*
 * A picture of a dashboard, without a Grafana: its queries are executed by a real Prometheus, and what comes
 * is drawn at the places that the dashboard gives its panels.
 *
 *   npx tsx test/bench/dashboard-picture.ts --prometheus http://127.0.0.1:9090 \
 *     --dashboard grafana/dashboards/region.json --from -30m --to now --out region.png
 *
 * `--from` and `--to` are `now`, `-30m` (before now) or a time in ISO 8601; `--var region=maas3` chooses a
 * value of a variable, `--rows 22` draws only what stands in the first 22 rows of the grid. Needs Debian's chromium.
 */

const BROWSER = 'chromium-headless-shell';
const NOTICE =
  'Drawn from the query results of a real Prometheus by this repository’s renderer; not a Grafana screenshot.';

const { values } = parseArgs({
  options: {
    prometheus: { type: 'string', default: 'http://127.0.0.1:9090' },
    dashboard: { type: 'string', default: 'grafana/dashboards/region.json' },
    from: { type: 'string', default: '-30m' },
    to: { type: 'string', default: 'now' },
    rows: { type: 'string', default: '1000' },
    title: { type: 'string' },
    var: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: 'dashboard.png' },
  },
});

const choice = Object.fromEntries(
  values.var.map((given) => given.split('=', 2) as [string, string]),
);

const isWanted = ({ gridPos: { y, h } }: Panel): boolean => y + h <= Number(values.rows);

/** Seconds since the Unix epoch. */
function timeOf(text: string): number {
  if (text === 'now') return Math.floor(Date.now() / 1000);
  const [, count, unit] = /^-(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit ?? ''];
  if (seconds !== undefined) return timeOf('now') - Number(count) * seconds;
  const time = Date.parse(text) / 1000;
  if (Number.isNaN(time)) throw new Error(`${text}: expected now, -30m or a time in ISO 8601`);
  return time;
}

function spanBetween(from: number, to: number): Span {
  // As Grafana: about one point for two pixels, never finer than the scrape interval that the panels name.
  const step = Math.max(15, Math.ceil((to - from) / 750));
  return { from: Math.floor(from / step) * step, to, step };
}

async function pageFor(dashboard: Dashboard, span: Span): Promise<Page> {
  const asker = new Asker(values.prometheus, dashboard, span, choice);
  const panels = await Promise.all(
    dashboard.panels
      .filter(isWanted)
      .map(async (panel) => ({ panel, series: await asker.panel(panel) })),
  );
  const kinds = await Promise.all(
    (dashboard.annotations?.list ?? []).map(async (query) => ({
      name: query.name,
      color: colour(query.iconColor),
      events: await asker.events(query),
    })),
  );
  const { queries, series } = asker.count;
  process.stdout.write(`${queries} queries, ${series} series\n`);
  return {
    title: `${values.title ?? dashboard.title} · ${new Date(span.to * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    says: NOTICE,
    legend: kinds.map(({ name, color, events }) => ({ name, color, count: events.length })),
    panels,
    span,
    happenings: kinds.flatMap(({ color, events }) => events.map((event) => ({ ...event, color }))),
  };
}

function photograph(page: Page, out: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'maasha-picture-'));
  try {
    const file = join(folder, 'page.html');
    writeFileSync(file, pageOf(page));
    const { error, status, stderr } = spawnSync(
      BROWSER,
      [
        '--no-sandbox',
        '--disable-gpu',
        '--hide-scrollbars',
        `--window-size=${WIDTH},${heightOf(page)}`,
        `--screenshot=${out}`,
        `file://${file}`,
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );
    if (error !== undefined || status !== 0)
      throw new Error(`${BROWSER}: ${error?.message ?? stderr}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const dashboard = JSON.parse(readFileSync(values.dashboard, 'utf8')) as Dashboard;
const page = await pageFor(dashboard, spanBetween(timeOf(values.from), timeOf(values.to)));
const out = resolve(values.out);
photograph(page, out);
process.stdout.write(`${out}: ${Math.round(statSync(out).size / 1024)} KiB\n`);
