import type { Instant } from '../../../core/time.ts';
import { html, type Html } from '../html.ts';
import type { Incident, Pending, Short, Told } from '../incidents.ts';
import { rankOf, SIGN_OF_SEVERITY, WORDS, type Sign } from '../signs.ts';
import { icon, momentOf, plural, since, spokenIcon } from './parts.ts';

interface Shown {
  readonly incidents: readonly Incident[];
  readonly pending: readonly Pending[];
  /** Whether anybody at all is told of anything. */
  readonly channels: number;
  /** Names the region of each, where there are several. */
  readonly several: boolean;
  /** So many more are not drawn here. */
  readonly more: number;
}

export function drawIncidents(shown: Shown, now: Instant): Html {
  const { incidents, pending, channels } = shown;
  return html`<section id="incidents" class="right" aria-labelledby="h-incidents">
    <h2 id="h-incidents">${titleFor(shown)}</h2>
    ${channels === 0 && html`<p>${icon('warning')} <b>Nobody is told of anything</b>: no channel is configured (section alerting).</p>`}
    ${incidents.map((incident) => card(incident, shown, now))}
    ${shown.more > 0 && html`<p>… and ${shown.more} more: each is on the page of its region.</p>`}
    ${pending.length > 0 && pendingPart(pending, now)}
    ${incidents.length + pending.length === 0 && html`<p class="muted">Nothing that was seen is bad for long enough to be told.</p>`}
  </section>`;
}

function titleFor({ incidents, pending, more }: Shown): string {
  if (incidents.length > 0) return plural(incidents.length + more, 'open incident');
  return pending.length > 0 ? 'No incident yet' : 'No open incident';
}

/** The gravest of them at once, the others on demand. */
const AT_ONCE = 4;

function pendingPart(pending: readonly Pending[], now: Instant): Html {
  const all = [...pending].sort((a, b) => rankOf(signOf(a)) - rankOf(signOf(b)));
  const rest = all.slice(AT_ONCE);
  return html`<h3>Bad, and not for long enough yet: ${pending.length}</h3>
    ${pendingLines(all.slice(0, AT_ONCE), now)}
    ${
      rest.length > 0 &&
      html`<details id="pending">
        <summary>… and ${rest.length} more</summary>
        ${pendingLines(rest, now)}
      </details>`
    }`;
}

const signOf = ({ severity }: Short): Sign => SIGN_OF_SEVERITY[severity];

const pendingLines = (lines: readonly Pending[], now: Instant): Html =>
  html`<ul class="lines">
    ${lines.map((each) => html`<li>${spokenIcon(signOf(each))}<span>${nameOf(each)}, bad for ${since(each.since, now)}: ${each.summary}</span></li>`)}
  </ul>`;

const nameOf = ({ title, subject }: Short): string =>
  subject === '' ? title : `${title} (${subject})`;

const card = (incident: Incident, { several, channels }: Shown, now: Instant): Html =>
  html`<article
    class="incident ${incident.sign} ${incident.hidden && 'hidden'}"
    id="i-${incident.id}"
    aria-labelledby="t-${incident.id}"
  >
    <div class="head">
      <span
        >${icon(incident.sign)}
        <span class="word"
          >${(incident.sign === 'none' ? incident.severity : WORDS[incident.sign]).toUpperCase()}</span
        ></span
      >
      <h3 id="t-${incident.id}">${several && `${incident.region}: `}${nameOf(incident)}</h3>
      <span class="since"
        >since ${momentOf(incident.since, now)} (${since(incident.since, now)})</span
      >
    </div>
    <p class="summary">${incident.summary}</p>
    ${incident.explains.length > 0 && explained(incident)}
    <p>
      <a class="runbook" href="${incident.runbook}"
        >Runbook: what to do now<span class="unseen"> about ${nameOf(incident)}</span></a
      >
    </p>
    <ul class="lines">
      <li>
        ${icon(incident.owner === undefined ? 'none' : 'good')}<span
          >${incident.owner === undefined ? 'Nobody has taken it (acknowledged).' : `Taken by ${incident.owner}.`}</span
        >
      </li>
      ${channels > 0 && alike(incident.told).map(toldLine)}
      <li>
        ${icon('none')}<span
          ><b>${incident.shown}</b>: ${incident.present}.
          <small>${incident.rule}, episode ${incident.id}</small></span
        >
      </li>
    </ul>
    ${
      incident.evidence.length > 0 &&
      html`<details id="e-${incident.id}">
        <summary>Evidence (${incident.evidence.length})</summary>
        <ul>
          ${incident.evidence.map((line) => html`<li>${line}</li>`)}
        </ul>
      </details>`
    }
  </article>`;

const explained = ({ explains, id }: Incident): Html =>
  html`<details id="x-${id}" open>
    <summary>Explains ${plural(explains.length, 'other alert')}</summary>
    <ul>
      ${explains.map((each) => html`<li>${nameOf(each)} <small>${each.severity}</small></li>`)}
    </ul>
  </details>`;

/** Channels of which the same is said, in one line. */
const alike = (told: readonly Told[]): readonly Told[] =>
  told
    .filter(({ says }, index) => told.findIndex((other) => other.says === says) === index)
    .map((first) => ({
      ...first,
      channel: told
        .filter(({ says }) => says === first.says)
        .map(({ channel }) => channel)
        .join(', '),
    }));

const toldLine = ({ channel, sign, says }: Told): Html =>
  html`<li>
    ${spokenIcon(sign)}<span><b>${channel}</b>: ${says}</span>
  </li>`;
