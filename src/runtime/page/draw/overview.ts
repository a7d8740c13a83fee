import { html, type Html } from '../html.ts';
import type { RegionLine, View } from '../view.ts';
import { icon, plural } from './parts.ts';

const linkTo = (name: string): string => `/?region=${encodeURIComponent(name)}`;

/** All regions, the worst first: which of them need somebody? */
export function drawOverview({ lines }: View): Html {
  const needy = lines.filter(({ sign }) => sign !== 'good');
  const says =
    needy.length === 0
      ? `All ${lines.length} regions are up and have a spare`
      : `${needy.length} of ${plural(lines.length, 'region')} ${needy.length === 1 ? 'is' : 'are'} not well`;
  return html`<section id="regions" aria-labelledby="h-regions">
    <h2 id="h-regions">${says}</h2>
    <table class="stack">
      <caption class="unseen">
        Regions, the worst first
      </caption>
      <thead>
        <tr>
          <th scope="col">region</th>
          <th scope="col">is it up?</th>
          <th scope="col">one more failure?</th>
          <th scope="col">incidents</th>
        </tr>
      </thead>
      <tbody>
        ${lines.map(line)}
      </tbody>
    </table>
  </section>`;
}

const line = ({ name, vip, verdict: { up, spare }, incidents }: RegionLine): Html =>
  html`<tr>
    <th scope="row"><a href="${linkTo(name)}">${name}</a> <small>${vip}</small></th>
    <td class="${up.sign}">
      ${icon(up.sign)}
      <span class="word">${up.word}</span>${up.sign !== 'good' && html` <small>${up.says}</small>`}
    </td>
    <td class="${spare.sign}">
      ${icon(spare.sign)}
      <span class="word">${spare.word}</span
      >${spare.sign !== 'good' && html` <small>${spare.more[0] ?? spare.says}</small>`}
    </td>
    <td>
      ${incidents.length === 0 ? 'none' : `${incidents.length}: ${incidents[0]?.title ?? ''}`}
    </td>
  </tr>`;
