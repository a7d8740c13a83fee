import { Script } from 'node:vm';
import { expect, it, test } from 'vitest';
import { seconds } from '../../../src/core/time.ts';
import { DARK, LIGHT, type Palette } from '../../../src/runtime/page/draw/colours.ts';
import { drawDocument, drawMain } from '../../../src/runtime/page/draw/document.ts';
import { SCRIPT } from '../../../src/runtime/page/draw/script.ts';
import { STYLE } from '../../../src/runtime/page/draw/style.ts';
import type { Incident } from '../../../src/runtime/page/incidents.ts';
import { hashOfAll, hashOfNews, viewOf, type View } from '../../../src/runtime/page/view.ts';
import { NOW, sample, seen, sources } from '../../support/page.ts';
import { region } from '../../support/region.ts';
import { elementsOf } from '../../support/well-formed.ts';

const SHORT = {
  rule: 'MaasHaNodeDown',
  title: 'Node down',
  subject: 'node rc1',
  severity: 'warning' as const,
  summary: 'rc1 does not answer',
};
const incident: Incident = {
  ...SHORT,
  id: 'ABC123',
  region: 'maas3',
  sign: 'bad',
  shown: 'firing',
  since: NOW,
  present: 'firing since 10:00 UTC; it may be told',
  hidden: false,
  evidence: ['rc1: no echo'],
  explains: [SHORT],
  runbook: '/runbooks/MaasHaNodeDown?region=maas3&node=rc1',
  told: [{ channel: 'ops', sign: 'bad', says: 'open was given up: no route' }],
};
const happening = { at: NOW, sign: 'bad' as const, says: 'began: Node down' };

/** A page with something in every part of it. */
function full(): View {
  const external = region({
    dns: {
      masterPort: 5353,
      slavePort: 53,
      zones: ['maas3'],
      slaves: [{ name: 'ns1', address: '192.0.2.1' }],
    },
  });
  const view = viewOf(
    sources({
      regions: [external],
      results: seen([sample('maasha_failover_recent', 1, { of: 'vip' })]),
    }),
    undefined,
  );
  if (view?.region === undefined) throw new Error('there is no region');
  const span = { from: NOW, sign: 'bad' as const, says: 'rc1 AND rc2' };
  return {
    ...view,
    region: {
      ...view.region,
      incidents: [incident],
      pending: [{ ...SHORT, since: NOW }],
      looks: [
        {
          check: 'vip',
          about: 'Is it there?',
          sign: 'good',
          state: 'ok',
          says: 'it is',
          at: NOW,
          took: seconds(1),
          lines: ['seen: it'],
        },
      ],
      timeline: {
        length: seconds(900),
        since: NOW,
        lanes: [{ name: 'state', spans: [span] }],
        incidents: [span],
        told: [happening],
        happenings: [happening],
        cut: true,
      },
    },
    monitor: {
      ...view.monitor,
      trouble: 'the disk is full',
      incidents: [{ ...incident, id: 'DEF456' }],
    },
    channels: [
      {
        name: 'ops',
        sign: 'bad',
        says: 'does NOT deliver',
        messages: [
          {
            at: NOW,
            region: 'maas3',
            kind: 'open',
            severity: 'critical',
            about: 'Node down',
            sign: 'bad',
            says: 'NOT delivered',
          },
        ],
      },
    ],
    silences: [
      {
        id: 'x',
        short: 'x',
        by: 'ann',
        reason: 'work',
        created: '2026-11-24T09:00',
        until: '2026-11-24T11:00',
        left: 60,
        hides: ['MaasHaNodeDown'],
      },
    ],
    windows: { inForce: [{ name: 'sunday', from: '2026-11-24T09:00', to: '2026-11-24T11:00' }] },
  };
}

const HOSTILE = `"><script>alert('1')</script>&<img src=x onerror=y>\u202e\u0007\n`;
/** What the page itself decides, and never takes from outside. */
const OURS = new Set(['sign', 'is', 'claim', 'severity']);

const poisoned = (value: unknown, key = ''): unknown => {
  if (typeof value === 'string') return OURS.has(key) ? value : HOSTILE;
  if (Array.isArray(value)) return value.map((each) => poisoned(each, key));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, poisoned(each, name)]),
    );
  return value;
};

it('is well-formed with something in every part', () => {
  expect(elementsOf(drawDocument(full(), 'a title').toString()).length).toBeGreaterThan(300);
});

it('lets no text of any field become markup', () => {
  const page = drawDocument(poisoned(full()) as View, HOSTILE).toString();
  const names = elementsOf(page).map(({ name }) => name);
  expect(names.filter((name) => name === 'script')).toHaveLength(1);
  expect(names).not.toContain('img');
  expect(page).not.toMatch(/[\u202e\u0007]/);
});

it('has nothing inline that a strict policy forbids, and loads nothing from elsewhere', () => {
  const elements = elementsOf(drawDocument(full(), 'a title').toString());
  for (const { name, attributes } of elements)
    for (const [attribute, value] of Object.entries(attributes)) {
      expect(`${name} ${attribute}`).not.toMatch(/ (on\w+|style)$/);
      if (['href', 'src'].includes(attribute)) expect(value).toMatch(/^$|^[/#]|^data:image\/svg/);
    }
  expect(STYLE).not.toMatch(/@import|url\((?!#)/);
});

it('has one main part, headings in order, and a name for each section', () => {
  const elements = elementsOf(drawDocument(full(), 'a title').toString());
  const ids = elements.flatMap(({ attributes }) => attributes['id'] ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  expect(elements.filter(({ name }) => name === 'main')).toHaveLength(1);
  expect(elements.filter(({ name }) => name === 'h1')).toHaveLength(1);
  const levels = elements.flatMap(({ name }) => /^h([1-6])$/.exec(name)?.[1] ?? []).map(Number);
  levels.forEach((level, index) => {
    expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
  });
  for (const { name, attributes } of elements) {
    const label = attributes['aria-labelledby'];
    if (name === 'section') expect(label ?? attributes['aria-label']).toBeDefined();
    for (const id of label?.split(' ') ?? []) expect(ids).toContain(id);
  }
});

it('shows every drawn sign to those who see no picture, too', () => {
  for (const { name, attributes } of elementsOf(drawDocument(full(), 'a title').toString()))
    if (name === 'svg')
      expect(
        attributes['aria-hidden'] === 'true' ||
          attributes['role'] === 'img' ||
          (attributes['class'] ?? '').startsWith('strip'),
      ).toBe(true);
});

const channel = (hex: string, at: number): number => {
  const value = parseInt(hex.slice(at, at + 2), 16) / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};
const luminance = (hex: string): number =>
  0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);
/** WCAG 2.2, “contrast ratio”. */
const contrast = (a: string, b: string): number => {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};

const PAIRS: readonly (readonly [keyof Palette, keyof Palette])[] = [
  ...(['text', 'muted', 'link', 'good', 'warning', 'bad', 'unknown'] as const).flatMap((front) => [
    [front, 'card'] as const,
    [front, 'page'] as const,
  ]),
  ...(['good', 'warning', 'bad', 'unknown'] as const).flatMap((sign) => [
    [sign, `${sign}-soft`] as const,
    ['text', `${sign}-soft`] as const,
    ['on', sign] as const,
  ]),
];

test.each([
  ['light', LIGHT],
  ['dark', DARK],
])('has enough contrast in the %s scheme', (_, palette) => {
  for (const [front, back] of PAIRS)
    expect([front, back, contrast(palette[front], palette[back]) >= 4.5]).toEqual([
      front,
      back,
      true,
    ]);
});

it('says in the main part what the whole page is called, and what is to be spoken', () => {
  const main = drawMain(full()).toString();
  expect(main).toMatch(/^<main /);
  expect(main).toContain('data-title="UP · maas3');
  expect(main).toContain('data-spoken="maas3: UP.');
});

it('changes its hash with what it shows, and not with the time', () => {
  const view = full();
  expect(hashOfAll({ ...view, now: (NOW + 5000) as typeof NOW })).toBe(hashOfAll(view));
  expect(hashOfAll({ ...view, sign: 'unknown' })).not.toBe(hashOfAll(view));
  const older = {
    ...view,
    monitor: {
      ...view.monitor,
      looks: view.monitor.looks.map((each) => ({ ...each, lines: ['new'] })),
    },
  };
  expect(hashOfNews(older)).toBe(hashOfNews(view));
});

it('has a script that can be read', () => {
  expect(() => new Script(SCRIPT)).not.toThrow();
});

it('lists several regions, each with a link of its own', () => {
  const regions = ['a', 'b & c'].map((name) => region({ name }));
  const view = viewOf(sources({ regions }), undefined);
  const page = drawDocument(view!, 'a title').toString();
  elementsOf(page);
  expect(page).toContain('href="/?region=b%20%26%20c"');
});
