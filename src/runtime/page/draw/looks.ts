import type { Instant } from '../../../core/time.ts';
import { html, type Html } from '../html.ts';
import type { Look } from '../looks.ts';
import type { MonitorView } from '../view.ts';
import { icon, plural, since, spokenIcon } from './parts.ts';

/** Every check with its state, what it says, its age, and all of it on demand. */
export const drawLooks = (looks: readonly Look[], now: Instant): Html =>
  html`<section id="checks" aria-labelledby="h-checks">
    <h2 id="h-checks">${summaryOf(looks)}</h2>
    ${rows(looks, now, 'check')}
  </section>`;

const rows = (looks: readonly Look[], now: Instant, prefix: string): Html =>
  html`<ul class="rows">
    ${looks.map((look) => row(look, now, prefix))}
  </ul>`;

const row = (look: Look, now: Instant, prefix: string): Html =>
  html`<li class="${look.sign}">
    <details id="${prefix}-${look.check}">
      <summary>
        ${icon(look.sign)}<b>${look.check} <small class="word">${look.state}</small></b
        ><span class="says">${look.says}</span
        ><span class="age"
          >${look.at === undefined ? 'never' : since(look.at, now)}<span class="unseen">
            ago</span
          ></span
        >
      </summary>
      <p class="muted">${look.about}</p>
      <ul>
        ${look.lines.map((line) => html`<li>${line}</li>`)}
      </ul>
    </details>
  </li>`;

function summaryOf(looks: readonly Look[]): string {
  const states = [...new Set(looks.map(({ state }) => state))];
  const counts = states.map(
    (state) => `${looks.filter((look) => look.state === state).length} ${state}`,
  );
  return `${plural(looks.length, 'check')}: ${counts.join(', ') || 'none'}`;
}

/** Whether the eyes themselves are well. Its incidents stand with the others. */
export const drawMonitor = ({ looks, sign, trouble }: MonitorView, now: Instant): Html =>
  html`<section id="monitor" aria-labelledby="h-monitor">
    <h2 id="h-monitor">${spokenIcon(sign)} The monitor itself</h2>
    ${trouble !== undefined && html`<p>${icon('bad')} <b>What is shown here would not survive a restart</b>: ${trouble}</p>`}
    ${rows(looks, now, 'monitor')}
  </section>`;
