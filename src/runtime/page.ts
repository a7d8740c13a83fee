import type { CheckResult } from '../core/check.ts';
import { describeResult, headline, oneLine } from '../core/describe.ts';
import { MONITOR } from '../core/ports/monitor.ts';
import { overview } from '../core/overview.ts';
import type { Region } from '../core/region.ts';
import { between, formatDuration, isoTime, type Instant } from '../core/time.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text from the network, made harmless in HTML. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

/** An alert that goes on, as the page shows it. */
export interface PageAlert {
  readonly region: string;
  readonly rule: string;
  readonly severity: string;
  readonly summary: string;
  readonly shown: string;
  readonly startsAt: Instant;
}

/** The status page: one self-contained document without scripts, newest results, reloading itself. */
export function page(
  title: string,
  regions: readonly Region[],
  results: readonly CheckResult[],
  alerts: readonly PageAlert[],
  now: Instant,
): string {
  const about = (name: string) => ({
    results: results.filter((result) => result.region === name),
    alerts: alerts.filter((alert) => alert.region === name),
  });
  const own = about(MONITOR.name);
  const sections = [
    ...regions.map((region) => section(region, about(region.name), now)),
    ...(own.results.length + own.alerts.length === 0
      ? []
      : [
          `<h2>the monitor itself</h2>${alertTable(own.alerts, now)}${resultTable(own.results, now)}`,
        ]),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><h1>${escapeHtml(title)}</h1>
${sections.join('\n')}
<p class="foot">${isoTime(now)} · <a href="/metrics">metrics</a> · <a href="/status.json">JSON</a> · <a href="/healthz">health</a></p>
</body></html>
`;
}

interface About {
  readonly results: readonly CheckResult[];
  readonly alerts: readonly PageAlert[];
}

const section = (
  region: Region,
  { results, alerts }: About,
  now: Instant,
): string => `<h2>${escapeHtml(region.name)} <small>VIP ${escapeHtml(region.vip)}</small></h2>
${alertTable(alerts, now)}
<dl>${overview(region, results)
  .map(({ topic, says }) => `<dt>${escapeHtml(topic)}</dt><dd>${escapeHtml(oneLine(says))}</dd>`)
  .join('')}</dl>
${resultTable(results, now)}`;

const resultTable = (results: readonly CheckResult[], now: Instant): string =>
  `<table><thead><tr><th>state</th><th>check</th><th>what it says</th><th>age</th></tr></thead><tbody>
${results.map((result) => row(result, now)).join('\n') || '<tr><td colspan="4">nothing has been looked at yet</td></tr>'}
</tbody></table>`;

const alertTable = (alerts: readonly PageAlert[], now: Instant): string =>
  alerts.length === 0
    ? ''
    : `<table><thead><tr><th>alert</th><th>stands</th><th>what it says</th><th>for</th></tr></thead><tbody>
${alerts
  .map(
    ({ region, rule, severity, summary, shown, startsAt }) => `<tr class="${escapeHtml(severity)}">
<td class="state"><a href="/runbooks/${encodeURIComponent(rule)}?region=${encodeURIComponent(region)}">${escapeHtml(rule)}</a></td>
<td>${escapeHtml(shown)}</td><td>${escapeHtml(oneLine(summary))}</td><td>${formatDuration(between(startsAt, now))}</td></tr>`,
  )
  .join('\n')}
</tbody></table>`;

const row = (result: CheckResult, now: Instant): string => `<tr class="${result.state}">
<td class="state">${result.state}</td><td>${escapeHtml(result.check)}</td>
<td><details><summary>${escapeHtml(headline(result))}</summary><ul>${describeResult(result)
  .slice(1)
  .map((line) => `<li>${escapeHtml(line)}</li>`)
  .join('')}</ul></details></td>
<td>${formatDuration(between(result.startedAt, now))}</td></tr>`;

export const STYLE = `
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem}h2{font-size:1.1rem;margin-top:2rem}small{font-weight:400;opacity:.7}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
.state{font-weight:600;white-space:nowrap}
.ok .state{color:#1a7f37}.warning .state{color:#9a6700}.critical .state{color:#cf222e}
.unknown .state{color:#8250df}.skipped{opacity:.6}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{opacity:.7}dd{margin:0}
ul{margin:.4rem 0;padding-left:1.2rem}summary{cursor:pointer}.foot{margin-top:2rem;opacity:.7}`;
