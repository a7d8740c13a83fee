import type { Instant } from '../../../core/time.ts';
import { html, type Html } from '../html.ts';
import type { ChannelView, Message } from '../told.ts';
import type { View } from '../view.ts';
import { icon, momentOf, spokenIcon } from './parts.ts';

/** Who was told what, and what people do not want to hear at present. */
export const drawTold = ({ channels, silences, windows, now }: View): Html =>
  html`<section id="told" class="right" aria-labelledby="h-told">
    <h2 id="h-told">Who was told what</h2>
    ${channels.length === 0 && html`<p>${icon('warning')} Nobody: no channel is configured.</p>`}
    ${channels.map((channel) => channelPart(channel, now))} ${silencePart(silences, windows)}
  </section>`;

const channelPart = ({ name, sign, says, messages }: ChannelView, now: Instant): Html =>
  html`<h3>${spokenIcon(sign)} ${name} <small>${says}</small></h3>
    ${
      messages.length === 0
        ? html`<p class="muted">No message lately.</p>`
        : html`<ul class="lines">
            ${messages.map((each) => messageLine(each, now))}
          </ul>`
    }`;

const messageLine = ({ at, kind, severity, about, sign, says }: Message, now: Instant): Html =>
  html`<li>
    ${spokenIcon(sign)}<span
      >${momentOf(at, now)} <b>${kind}</b> ${severity}: ${about} – ${says}</span
    >
  </li>`;

const silencePart = (silences: View['silences'], { inForce }: View['windows']): Html | false =>
  silences.length + inForce.length > 0 &&
  html`<h3>Not to be told at present</h3>
    <ul class="lines">
      ${silences.map(
        ({ by, reason, until, rule, region, hides }) =>
          html`<li>
            ${icon('warning')}<span
              >Silence of ${rule ?? 'everything'}${region === undefined ? '' : ` in ${region}`} by
              ${by} until ${until.slice(0, 16)}Z: ${reason}. Hides
              ${hides.length === 0 ? 'nothing now' : hides.join(', ')}.</span
            >
          </li>`,
      )}${inForce.map(
        ({ name, region, from, to }) =>
          html`<li>
            ${icon('warning')}<span
              >Maintenance window ${name}${region === undefined ? '' : ` of ${region}`},
              ${from.slice(0, 16)}Z to ${to.slice(0, 16)}Z.</span
            >
          </li>`,
      )}
    </ul>`;
