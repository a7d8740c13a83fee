import { formatDuration, instant, isoTime, type Instant } from '../../../core/time.ts';
import { html, type Html } from '../html.ts';
import { WORDS } from '../signs.ts';
import type { Happening, Lane, Span, Timeline } from '../timeline.ts';
import { clockTime, icon, momentOf, plural } from './parts.ts';

interface Scale {
  readonly from: Instant;
  readonly to: Instant;
}

const NAMES: Readonly<Record<number, string>> = {
  900: '15 minutes',
  3600: 'hour',
  21_600: 'six hours',
  86_400: 'day',
};

/** Incidents that overlap lie in rows of their own; the rest is only in the list. */
const ROWS = 5;
const ROW = 14;

export function drawTimeline(timeline: Timeline, now: Instant): Html {
  const { length, since, lanes, told, happenings, cut } = timeline;
  const scale = { from: instant(now - length * 1000), to: now };
  return html`<section id="timeline" aria-labelledby="h-timeline">
    <h2 id="h-timeline">The last ${NAMES[length] ?? formatDuration(length)}</h2>
    <dl class="strips" aria-hidden="true">
      ${lanes.map(
        (lane) =>
          html`<dt>${lane.name}</dt>
            <dd>${strip(lane, scale)}</dd>`,
      )}
      <dt>incidents</dt>
      <dd>${bars(timeline.incidents, scale)}</dd>
      <dt>messages</dt>
      <dd>${dots(told, scale)}</dd>
      <dt></dt>
      <dd>${axis(scale)}</dd>
    </dl>
    <p class="key">
      ${since === undefined ? 'Nothing is remembered yet.' : html`Watched since ${momentOf(since, now)} UTC, as far as is remembered; dotted: nobody watched; hatched: not known.`}${cut && ' The journal has more lines than were read: some incidents may be missing.'}
    </p>
    <details id="happenings">
      <summary>
        ${happenings.length === 0 ? 'Nothing happened' : `${plural(happenings.length, 'event')} in words`}
      </summary>
      <ul class="lines">
        ${happenings.map(
          ({ at, sign, says }) =>
            html`<li>
              ${icon(sign)}<span
                >${momentOf(at, now)} ${says} <span class="unseen">(${WORDS[sign]})</span></span
              >
            </li>`,
        )}
      </ul>
    </details>
  </section>`;
}

/** From the left edge, in percent: a strip is as wide as its place. */
const at = (moment: Instant, { from, to }: Scale): number =>
  Math.round(Math.min(Math.max((moment - from) / (to - from), 0), 1) * 1e5) / 1e3;

const whenOf = ({ from, to }: Span): string =>
  `${clockTime(from)} to ${to === undefined ? 'now' : clockTime(to)}`;

const ofLane = (spans: readonly Span[], scale: Scale): readonly Span[] =>
  spans.filter(({ to }) => to === undefined || to > scale.from);

function strip({ spans }: Lane, scale: Scale): Html {
  const shown = ofLane(spans, scale);
  // Neighbours that are alike in everything but their name are told apart by two greys.
  const names = [...new Set(shown.map(({ says }) => says))];
  return html`<svg class="strip" focusable="false">
    <rect class="nobody" width="100%" height="100%" />
    ${shown.map((span) => {
      const x = at(span.from, scale);
      const w = at(span.to ?? scale.to, scale) - x;
      const odd = span.sign === 'none' && names.indexOf(span.says) % 2 === 1;
      const look = `${span.sign}${odd ? ' odd' : ''}`;
      const label = w > span.says.length * 1.6 + 2;
      return html`<g
        ><title>${whenOf(span)}: ${span.says}</title
        ><rect
          class="span ${look}"
          x="${x}%"
          width="${Math.max(w, 0.35)}%"
          height="100%"
        />${label && html`<text class="on ${look}" x="${x + w / 2}%" y="68%" text-anchor="middle">${span.says}</text>`}</g
      >`;
    })}
  </svg>`;
}

/** Each in the first row that is free. */
function bars(spans: readonly Span[], scale: Scale): Html {
  const ends: number[] = [];
  const placed = ofLane(spans, scale).flatMap((span) => {
    const x = at(span.from, scale);
    const w = Math.max(at(span.to ?? scale.to, scale) - x, 0.6);
    const free = ends.findIndex((end) => end < x);
    const row = free === -1 ? ends.length : free;
    if (row >= ROWS) return [];
    ends[row] = x + w;
    return [{ span, x, w, row }];
  });
  return html`<svg class="strip rows-${Math.max(ends.length, 1)}" focusable="false">
    ${placed.map(
      ({ span, x, w, row }) =>
        html`<g
          ><title>${whenOf(span)}: ${span.says} (${WORDS[span.sign]})</title
          ><rect
            class="span bar ${span.sign}"
            x="${x}%"
            width="${w}%"
            y="${row * ROW + 1}"
            height="${ROW - 3}"
            rx="3"
        /></g>`,
    )}
  </svg>`;
}

const dots = (told: readonly Happening[], scale: Scale): Html =>
  html`<svg class="strip axis" focusable="false">
    ${told.map(
      ({ at: moment, sign, says }) =>
        html`<g
          ><title>${clockTime(moment)}: ${says}</title
          ><circle class="dot ${sign}" cx="${at(moment, scale)}%" cy="50%" r="4"
        /></g>`,
    )}
  </svg>`;

const TICKS = [0, 0.25, 0.5, 0.75, 1];
const ANCHORS: Readonly<Record<number, string>> = { 0: 'start', 1: 'end' };

const axis = ({ from, to }: Scale): Html =>
  html`<svg class="strip axis" focusable="false">
    ${TICKS.map((part) => {
      const moment = instant(from + (to - from) * part);
      const text =
        part === 1 ? `now (${isoTime(to).slice(11, 16)} UTC)` : isoTime(moment).slice(11, 16);
      const between = part > 0 && part < 1 ? 'between' : '';
      return html`<text
        class="${between}"
        x="${part * 100}%"
        y="75%"
        text-anchor="${ANCHORS[part] ?? 'middle'}"
        >${text}</text
      >`;
    })}
  </svg>`;
