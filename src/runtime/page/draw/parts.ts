import { isoTime, between, type Instant } from '../../../core/time.ts';
import { html, type Html } from '../html.ts';
import { WORDS, type Sign } from '../signs.ts';

/** The shapes behind `icon`: each sign has one of its own, so that nobody needs the colours. */
export const SHAPES: Html = html`<svg class="defs" aria-hidden="true" focusable="false">
  <defs>
    <symbol id="i-good" viewBox="0 0 20 20">
      <circle cx="10" cy="10" r="9" fill="currentColor" />
      <path
        d="M5.6 10.4l3 3 5.8-6.4"
        fill="none"
        stroke="var(--card)"
        stroke-width="2.2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </symbol>
    <symbol id="i-warning" viewBox="0 0 20 20">
      <path d="M10 1.2L19.4 18.3H.6z" fill="currentColor" />
      <path
        d="M10 7v5.2M10 14.6v1.4"
        stroke="var(--card)"
        stroke-width="2.2"
        stroke-linecap="round"
      />
    </symbol>
    <symbol id="i-bad" viewBox="0 0 20 20">
      <path d="M6.2 .8h7.6l5.4 5.4v7.6l-5.4 5.4H6.2L.8 13.8V6.2z" fill="currentColor" />
      <path
        d="M6.4 6.4l7.2 7.2M13.6 6.4l-7.2 7.2"
        stroke="var(--card)"
        stroke-width="2.4"
        stroke-linecap="round"
      />
    </symbol>
    <symbol id="i-unknown" viewBox="0 0 20 20">
      <circle
        cx="10"
        cy="10"
        r="8.4"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-dasharray="3.4 2.2"
      />
      <path
        d="M7.3 7.8a2.7 2.7 0 1 1 4 2.3c-.9.5-1.3 1-1.3 1.9M10 14.4v.6"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
      />
    </symbol>
    <symbol id="i-none" viewBox="0 0 20 20">
      <circle cx="10" cy="10" r="5" fill="none" stroke="currentColor" stroke-width="2" />
    </symbol>
    <pattern
      id="hatch"
      width="7"
      height="7"
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"
    >
      <rect width="7" height="7" fill="var(--card)" />
      <path d="M0 0v7" stroke="var(--unknown)" stroke-width="1.6" opacity=".55" />
    </pattern>
    <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
      <rect width="6" height="6" fill="var(--page)" />
      <circle cx="3" cy="3" r=".9" fill="var(--muted)" />
    </pattern>
  </defs>
</svg>`;

/** A sign as a shape. What it means has to stand beside it in words. */
export const icon = (sign: Sign): Html =>
  html`<svg class="icon ${sign}" aria-hidden="true" focusable="false">
    <use href="#i-${sign}" />
  </svg>`;

/** A sign as a shape and, for those who do not see it, as a word. */
export const spokenIcon = (sign: Sign): Html =>
  html`${icon(sign)}<span class="unseen">${WORDS[sign]}: </span>`;

/** How long ago something was, as coarse as one reads it: `12s`, `5m`, `2h 5m`, `3d 4h`. */
function ago(from: Instant, now: Instant): string {
  const whole = Math.max(0, Math.floor(between(from, now)));
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
  return `${Math.floor(whole / 86_400)}d ${Math.floor((whole % 86_400) / 3600)}h`;
}

/** A duration up to now, which the page's script keeps up to date. */
export const since = (from: Instant, now: Instant): Html =>
  html`<time datetime="${isoTime(from)}" data-ago>${ago(from, now)}</time>`;

/** `10:02:07`, UTC. */
export const clockTime = (moment: Instant): string => isoTime(moment).slice(11, 19);

/** `10:02:07` of today, else with the date in front. */
export const momentOf = (moment: Instant, now: Instant): Html => {
  const whole = isoTime(moment);
  const day = whole.slice(0, 10) === isoTime(now).slice(0, 10) ? '' : `${whole.slice(5, 10)} `;
  return html`<time datetime="${whole}">${day}${clockTime(moment)}</time>`;
};

export const plural = (count: number, word: string): string =>
  `${count} ${word}${count === 1 ? '' : 's'}`;
