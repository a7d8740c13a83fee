import type { Content, Section, Tone } from './email-content.ts';

/*
 * A mail as HTML for every mail program: styles at the elements, nothing loaded from elsewhere. Text has
 * no colour of its own and the page no background, so that a dark program stays dark; what has a
 * background has its text colour beside it (contrast 4.5 : 1 and better).
 */

const COLOURS: Readonly<Record<Tone, string>> = {
  critical: '#b3261e',
  warning: '#8a5300',
  info: '#3b5b92',
  owned: '#2e5f9e',
  unsure: '#5b6467',
  good: '#1b6e3c',
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Any text as the content of an element or of a quoted attribute. */
const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/** An element; `inner` is HTML already. */
const element = (name: string, style: string, inner: string, more = ''): string =>
  `<${name}${more}${style === '' ? '' : ` style="${style}"`}>${inner}</${name}>`;

const BREAKS = 'overflow-wrap:anywhere';
const RULE = 'border:0;border-top:1px solid #888888;margin:16px 0';
const HEADING = 'font-size:15px;font-weight:bold;margin:20px 0 6px';
const NAME = 'padding:2px 12px 2px 0;vertical-align:top;white-space:nowrap;font-weight:bold';
const CODE = `font-family:Consolas,Menlo,monospace;font-size:13px;line-height:1.5;white-space:pre-wrap;${BREAKS};border-left:3px solid #888888;margin:0;padding:2px 0 2px 12px`;

const facts = ({ facts: all }: Content): string =>
  all.length === 0
    ? ''
    : element(
        'table',
        'border-collapse:collapse;margin:12px 0;font-size:14px',
        all
          .map(([name, value]) =>
            element(
              'tr',
              '',
              element('td', NAME, escapeHtml(name)) +
                element('td', `padding:2px 0;${BREAKS}`, escapeHtml(value)),
            ),
          )
          .join('\n'),
        ' role="presentation"',
      );

const section = ({ heading, lines, verbatim }: Section): string => {
  const body = verbatim
    ? element('pre', CODE, escapeHtml(lines.join('\n')))
    : element(
        'ul',
        'margin:0;padding-left:20px',
        lines.map((line) => element('li', `margin:2px 0;${BREAKS}`, escapeHtml(line))).join('\n'),
      );
  return `${element('h2', HEADING, escapeHtml(heading))}\n${body}`;
};

const link = ([name, url]: readonly [string, string]): string =>
  element(
    'p',
    `margin:6px 0;${BREAKS}`,
    `${escapeHtml(name)}: ${element('a', '', escapeHtml(url), ` href="${escapeHtml(url)}"`)}`,
  );

const badge = ({ state: { tone, glyph, words } }: Content): string =>
  element(
    'p',
    'margin:0 0 10px',
    element(
      'span',
      `display:inline-block;background-color:${COLOURS[tone]};color:#ffffff;font-weight:bold;font-size:13px;padding:4px 10px;border-radius:4px`,
      escapeHtml(`${glyph} ${words}`),
    ),
  );

const body = (content: Content): string =>
  [
    badge(content),
    element(
      'h1',
      `font-size:20px;line-height:1.3;margin:0 0 8px;${BREAKS}`,
      escapeHtml(content.title),
    ),
    ...content.sentences.map((sentence) =>
      element('p', `margin:4px 0;${BREAKS}`, escapeHtml(sentence)),
    ),
    facts(content),
    ...content.sections.map(section),
    ...(content.links.length === 0 ? [] : [`<hr style="${RULE}">`]),
    ...content.links.map(link),
    `<hr style="${RULE}">`,
    element('p', `margin:0;font-size:12px;${BREAKS}`, escapeHtml(content.origin)),
  ]
    .filter((part) => part !== '')
    .join('\n');

/** A whole HTML document. Its parts are bounded, so that it stays far below the 100 KB at which programs cut. */
export const emailHtml = (content: Content): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(content.headline)}</title>
</head>
<body style="margin:0;padding:16px;font-family:Helvetica,Arial,sans-serif;font-size:15px;line-height:1.45">
<div style="max-width:640px;margin:0 auto">
${body(content)}
</div>
</body>
</html>
`;
