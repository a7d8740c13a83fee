import { html, type Html } from '../html.ts';
import type { Answer, Verdict } from '../verdict.ts';
import { icon } from './parts.ts';

/** The answers to the two questions, before all else. */
export const drawVerdict = ({ up, spare, moved }: Verdict): Html =>
  html`<section id="verdict" class="verdict" aria-label="Verdict">
    ${answerCard('up', 'Is it up?', up)}
    ${answerCard('spare', 'Would it survive one more failure?', spare)}
    ${moved !== undefined && html`<p class="moved">⇄ TAKEOVER: ${moved} What follows it may still be on its way.</p>`}
  </section>`;

const answerCard = (name: string, question: string, { sign, word, says, more }: Answer): Html =>
  html`<div class="answer ${name} ${sign}">
    ${icon(sign)}
    <div>
      <h2>${question}</h2>
      <p class="word">${word}</p>
      <p>${says}</p>
      ${
        more.length > 0 &&
        html`<ul>
          ${more.map((each) => html`<li>${each}</li>`)}
        </ul>`
      }
    </div>
  </div>`;

/** The verdict as a sentence to be spoken. */
export const spokenVerdict = (region: string, { up, spare, moved }: Verdict): string =>
  [`${region}: ${up.word}.`, up.says, `One more failure: ${spare.word}.`, moved ?? '']
    .join(' ')
    .trim();
