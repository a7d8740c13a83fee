import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Notice } from '../../alerts/notice.ts';
import { renderEmail } from '../../alerts/render/email.ts';
import { wrap } from '../../alerts/render/email-text.ts';
import { instant } from '../../src/core/time.ts';
import { acknowledged, opened, resolved } from '../support/smtp-notices.ts';

const TEXTS = { opened, acknowledged, resolved };
const GOLDEN = new URL('../golden/email/', import.meta.url);

/** Compares with a file below test/golden/email; MAASHA_GOLDEN=write renews them. */
function matchesGolden(name: string, text: string): void {
  const file = new URL(name, GOLDEN);
  if (process.env['MAASHA_GOLDEN'] === 'write') {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file)).toBe(true);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

const HOSTILE = [
  '<script>alert(1)</script>',
  '</pre><img src=x onerror=alert(1)>',
  '" onmouseover="alert(1)',
  "' style='x",
  '&lt;b&gt; & <b',
  'javascript:alert(1)',
  'a\r\nBcc: all@example.org\r\n\r\nbody',
  '\u202Ereversed\u2066',
  '\u001B[31mred',
  '--\n.\n',
  'x'.repeat(3000),
  '語'.repeat(300),
  '`unclosed',
  '\uD800',
];
const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

const notices: fc.Arbitrary<Notice> = fc
  .record({
    kind: fc.constantFrom('open', 'close', 'update', 'acknowledge', 'test', 'escalate'),
    standing: fc.constantFrom('firing', 'resolved', 'stale', 'acknowledged', 'flapping'),
    severity: fc.constantFrom('critical', 'warning', 'info'),
    reason: hostile,
    region: hostile,
    rule: hostile,
    summary: hostile,
    labels: fc.dictionary(hostile, hostile, { maxKeys: 4 }),
    explains: fc.array(fc.record({ rule: hostile, labels: fc.constant({}), summary: hostile }), {
      maxLength: 40,
    }),
    evidence: fc.array(hostile, { maxLength: 40 }),
    holders: fc.array(hostile, { maxLength: 6 }),
    owner: fc.record({ by: hostile, via: hostile }),
    runbook: fc.record({ url: hostile, steps: fc.array(hostile, { maxLength: 8 }), text: hostile }),
    dashboard: hostile,
    remark: hostile,
  })
  .map((drawn) => ({
    ...drawn,
    at: instant(1_795_430_000_000),
    episode: { id: '01KAQZ5M3T8V9WXYZ1E7F2ABCD', startsAt: instant(1_795_430_000_000) },
  }));

const ALLOWED: Readonly<Record<string, readonly string[] | undefined>> = {
  html: ['lang'],
  meta: ['charset', 'name', 'content'],
  a: ['href'],
  table: ['style', 'role'],
};
const VOID = ['meta', 'hr', '!doctype'];
const TAGS = '!doctype html head meta title body div p span h1 h2 table tr td ul li pre a hr'.split(
  ' ',
);

const TAG = /<(\/?)(!?[a-z0-9]+)((?: [a-z-]+="[^"<>]*")*| html)>/g;

const attributeFaults = (name: string, attributes: string): readonly string[] =>
  [...attributes.matchAll(/ ([a-z-]+)="([^"]*)"/g)].flatMap(([, key = '', value = '']) => [
    ...((ALLOWED[name] ?? ['style']).includes(key) ? [] : [`${name} ${key}`]),
    ...(key === 'href' && !/^https?:/.test(value) ? [`link ${value}`] : []),
    ...(key === 'style' && /url|expression|[@&]/i.test(value) ? [`style ${value}`] : []),
  ]);

/**
 * Everything that is wrong with a document: unknown elements and attributes, links that are no page,
 * bad nesting, and any `<` or `>` that is not part of a well-formed tag.
 */
function faultsOf(html: string): readonly string[] {
  const faults: string[] = [];
  const open: string[] = [];
  for (const [, slash, name = '', attributes = ''] of html.matchAll(TAG)) {
    if (!TAGS.includes(name)) faults.push(`element ${name}`);
    faults.push(...attributeFaults(name, attributes));
    if (slash === '') {
      if (!VOID.includes(name)) open.push(name);
    } else if (open.pop() !== name) faults.push(`nesting of ${name}`);
  }
  const text = html.replaceAll(TAG, '');
  if (/[<>]/.test(text)) faults.push('a raw < or >');
  if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) faults.push('a raw &');
  return [...faults, ...open.map((name) => `open ${name}`)];
}

describe('a mail about one critical alert', () => {
  for (const [name, notice] of Object.entries(TEXTS)) {
    it(`reads as expected when ${name}: text`, () => {
      matchesGolden(`${name}.txt`, renderEmail(notice, 'maasha').text);
    });
    it(`reads as expected when ${name}: HTML`, () => {
      matchesGolden(`${name}.html`, renderEmail(notice, 'maasha').html);
    });
  }

  it('keeps its subject through the episode, and tells the state in the name of the sender', () => {
    const mails = Object.values(TEXTS).map((notice) => renderEmail(notice, 'maasha'));
    expect(new Set(mails.map(({ subject }) => subject))).toEqual(
      new Set(['[maas3] MaasHaVipUnreachable (F2ABCD)']),
    );
    expect(mails.map(({ fromName }) => fromName)).toEqual([
      'CRITICAL · maasha',
      'ACKED · maasha',
      'RESOLVED · maasha',
    ]);
  });

  it('keeps its subject when severity and sentence change', () => {
    const worse: Notice = {
      ...opened,
      kind: 'update',
      severity: 'warning',
      summary: 'other words',
    };
    expect(renderEmail(worse, 'm').subject).toBe(renderEmail(opened, 'm').subject);
  });

  it('carries the runbook when it opens, and the facts always', () => {
    const names = (notice: Notice) =>
      renderEmail(notice, 'm').attachments.map(({ filename }) => filename);
    expect(names(opened)).toEqual(['MaasHaVipUnreachable.txt', 'facts.json']);
    expect(names(resolved)).toEqual(['facts.json']);
  });

  it('attaches facts that a program reads', () => {
    const facts = renderEmail(opened, 'm').attachments.find(
      ({ filename }) => filename === 'facts.json',
    );
    expect(JSON.parse(facts?.content ?? '')).toMatchObject({
      rule: 'MaasHaVipUnreachable',
      at: '2026-11-23T10:02:07.000Z',
      evidence: opened.evidence,
    });
  });

  it('names eight of what it explains, and counts the others', () => {
    const explains = Array.from({ length: 20 }, (_, index) => ({
      rule: 'MaasHaNodeDown',
      labels: { node: `n${index}` },
      summary: 'It is down.',
    }));
    const { text } = renderEmail({ ...opened, explains }, 'm');
    expect(text).toContain('This explains 20 more:');
    expect(text.match(/Node down/g)).toHaveLength(8);
    expect(text).toContain('- and 12 more');
  });

  it('gives no link that is no page', () => {
    const { html } = renderEmail(
      {
        ...opened,
        dashboard: 'javascript:alert(1)',
        runbook: { url: 'data:text/html,x', steps: [] },
      },
      'm',
    );
    expect(html).not.toContain('href');
    expect(html).not.toContain('javascript:');
  });

  it('leaves a command whole, however long it is', () => {
    const command = `\`psql -c "${'select 1; '.repeat(20)}"\``;
    const { text } = renderEmail({ ...opened, runbook: { steps: [`- run: ${command}`] } }, 'm');
    expect(text).toContain(command);
  });

  it('cuts a runbook that is too large, and says where the whole is', () => {
    const text = 'A line of the runbook. ü\n'.repeat(6000);
    const [runbook] = renderEmail({ ...opened, runbook: { steps: [], text } }, 'm').attachments;
    expect(Buffer.byteLength(runbook?.content ?? '')).toBeLessThanOrEqual(64 * 1024);
    expect(runbook?.content).toMatch(/maasha runbook MaasHaVipUnreachable\]$/);
  });
});

describe('whatever the network said', () => {
  it('cannot become an element, an attribute, a link or bad nesting', () => {
    fc.assert(
      fc.property(notices, (notice) => {
        expect(faultsOf(renderEmail(notice, 'maasha').html)).toEqual([]);
      }),
    );
  });

  it('cannot break a header', () => {
    fc.assert(
      fc.property(notices, hostile, (notice, monitor) => {
        const { subject, fromName } = renderEmail(notice, monitor);
        expect(`${subject}${fromName}`).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(subject.length).toBeLessThan(200);
      }),
    );
  });

  it('stays within 78 columns, 100 KB of HTML and 64 KiB an attachment', () => {
    fc.assert(
      fc.property(notices, (notice) => {
        const { text, html, attachments } = renderEmail(notice, 'maasha');
        const wide = text
          .split('\n')
          .filter((line) => Array.from(line).length > 78)
          .filter((line) => !line.includes('`') && !/https?:/.test(line));
        expect(wide).toEqual([]);
        expect(Buffer.byteLength(html)).toBeLessThan(100_000);
        for (const { content } of attachments)
          expect(Buffer.byteLength(content)).toBeLessThanOrEqual(64 * 1024);
      }),
    );
  });

  it('shows nothing invisible', () => {
    fc.assert(
      fc.property(notices, (notice) => {
        const { text, html } = renderEmail(notice, 'maasha');
        expect(`${text}${html}`).not.toMatch(
          /[\u0000-\u0009\u000B-\u001F\u007F\u202A-\u202E\u2066-\u2069]/u,
        );
      }),
    );
  });
});

describe('the checker of documents', () => {
  it.each([
    ['<p><b>x</b></p>', 'element b'],
    ['<p><span>x</p></span>', 'nesting of p'],
    ['<p>x', 'open p'],
    ['<p>a < b</p>', 'a raw < or >'],
    ['<p>a &b</p>', 'a raw &'],
    ['<a href="javascript:x">x</a>', 'link javascript:x'],
    ['<p onclick="x">x</p>', 'p onclick'],
  ])('finds what is wrong with %s', (html, fault) => {
    expect(faultsOf(html)).toContain(fault);
  });
});

describe('wrapping', () => {
  it.each([
    ['breaks at blanks', 'aaa bbb ccc', 7, ['aaa bbb', '  ccc']],
    ['breaks a word that is too long', 'abcdefgh', 4, ['ab', '  cd', '  ef', '  gh']],
    ['leaves a command whole', 'run `a b c d e` now', 8, ['run', '  `a b c d e`', '  now']],
    ['leaves what fits', 'aaa', 7, ['aaa']],
  ])('%s', (_, text, columns, lines) => {
    expect(wrap(text, '  ', columns)).toEqual(lines);
  });
});
