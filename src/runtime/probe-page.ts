import { STATES, type Check, type CheckResult } from '../core/check.ts';
import type { Region } from '../core/region.ts';
import { isoTime, type Clock } from '../core/time.ts';
import { asIs, html } from './page/html.ts';
import { fits } from './plan.ts';
import type { Reply } from './server.ts';

interface Shown {
  readonly checks: readonly Check[];
  readonly regions: readonly Region[];
  /** What is kept of the newest probes, as it counts at this moment. */
  readonly results: readonly CheckResult[];
  readonly clock: Clock;
}

/** The page of an instance that only probes: what it can be asked, and what its newest probes came to. */
export function probePage(
  { checks, regions, results, clock }: Shown,
  { running, waiting }: { readonly running: number; readonly waiting: number },
): Reply {
  const rows = regions.map((region) => {
    const there = checks.filter((check) => fits(check, region)).length;
    const seen = results.filter((result) => result.region === region.name);
    const states = STATES.flatMap((state) => {
      const count = seen.filter((result) => result.state === state).length;
      return count === 0 ? [] : [`${count} ${state}`];
    });
    const cells = [region.name, there, states.toReversed().join(', ') || 'not asked yet'];
    return html`<tr>
      ${cells.map((cell) => html`<td>${cell}</td>`)}
    </tr>`;
  });
  const body = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>maas-ha-monitor: probes only</title>
        <style>
          ${asIs(STYLE)}
        </style>
      </head>
      <body>
        <h1>maas-ha-monitor <small>probes only</small></h1>
        <p>
          Nothing is scheduled here and nothing is stored: Prometheus asks, by the targets at
          <a href="/sd">/sd</a>. Runs under way: ${running}, waiting: ${waiting}.
        </p>
        <table>
          <thead>
            <tr>
              <th>region</th>
              <th>checks</th>
              <th>newest probes</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
        <p class="foot">
          ${isoTime(clock.now())} · <a href="/metrics">metrics</a> · <a href="/sd">targets</a> ·
          <a href="/healthz">health</a>
        </p>
      </body>
    </html> `;
  return { status: 200, type: 'text/html; charset=utf-8', body: body.toString() };
}

const STYLE = `
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem}small{font-weight:400;opacity:.7}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
.foot{margin-top:2rem;opacity:.7}`;
