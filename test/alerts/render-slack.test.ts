import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Notice, NoticeKind, Shown } from '../../alerts/notice.ts';
import type { Block, Message } from '../../alerts/render/slack-blocks.ts';
import {
  plainText,
  replyMessage,
  rootMessage,
  saidOf,
  testMessage,
} from '../../alerts/render/slack.ts';
import { instant } from '../../src/core/time.ts';
import { acknowledged, later, opened, resolved, updated } from '../golden/slack/notices.ts';
import { refusalOf } from '../support/slack-workspace.ts';

const setting = { monitor: 'mon1', mention: 'here' };
const root = (
  changes: Partial<Notice> = {},
  given: Partial<Parameters<typeof rootMessage>[1]> = {},
) => rootMessage({ ...opened, ...changes }, { ...setting, ...given });

const blocksOf = ({ blocks, attachments }: Message): readonly Block[] => [
  ...blocks,
  ...attachments.flatMap((attachment) => attachment.blocks),
];
const typesOf = (message: Message): readonly string[] => blocksOf(message).map(({ type }) => type);

/** Every text object of a message. */
function textsOf(value: unknown): readonly { type: string; text: string; verbatim?: boolean }[] {
  if (typeof value !== 'object' || value === null) return [];
  const own =
    'text' in value && typeof value.text === 'string' && 'type' in value
      ? [value as { type: string; text: string; verbatim?: boolean }]
      : [];
  return [...own, ...Object.values(value).flatMap(textsOf)];
}
const shown = (message: Message): string =>
  textsOf(blocksOf(message))
    .map(({ text }) => text)
    .join('\n');

describe('the root of an episode', () => {
  it.each([
    ['opened', root()],
    ['updated', rootMessage(updated, setting)],
    ['acknowledged', rootMessage(acknowledged, setting)],
    ['resolved', rootMessage(resolved, { ...setting, said: saidOf(opened) })],
    ['reply-updated', replyMessage(updated, setting)],
    ['reply-acknowledged', replyMessage(acknowledged, setting)],
    ['reply-resolved', replyMessage(resolved, setting)],
  ])('is rendered as recorded when %s', async (name, message) => {
    await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(
      `../golden/slack/${name}.json`,
    );
  });

  it('has the parts in their order', () => {
    expect(typesOf(root())).toEqual([
      ...['header', 'section', 'section', 'section', 'section'],
      ...['context', 'actions'],
    ]);
  });

  it('stands alone as one line for a notification', () => {
    expect(root().text).toBe('CRITICAL firing: VIP unreachable – region maas3 – started 10:02 UTC');
  });

  it.each<[Shown, string, string]>([
    ['firing', '🔴 FIRING', '#C0392B'],
    ['acknowledged', '👀 ACKED', '#2E6DA4'],
    ['recovering', '🟡 RECOVERING', '#C0392B'],
    ['flapping', '🔁 FLAPPING', '#C0392B'],
    ['stale', '❔ STALE', '#7F8C8D'],
    ['resolved', '✅ RESOLVED', '#1E8449'],
  ])('says %s by glyph, word and colour', (standing, words, colour) => {
    const message = root({ standing });
    expect(shown(message).startsWith(words)).toBe(true);
    expect(message.attachments[0]?.color).toBe(colour);
  });

  it('tells a warning from a critical', () => {
    const message = root({ severity: 'warning' });
    expect(shown(message)).toMatch(/^🟠 FIRING/);
    expect(message.attachments[0]?.color).toBe('#D68910');
  });

  it('calls people when a critical opens and when nobody took it', () => {
    expect(shown(root())).toContain('<!here>');
    expect(shown(root({ kind: 'escalate', severity: 'warning' }))).toContain('<!here>');
    expect(shown(root({}, { mention: 'S0123456' }))).toContain('<!subteam^S0123456>');
    expect(shown(root({}, { mention: 'U0123456' }))).toContain('<@U0123456>');
  });

  it.each<Partial<Notice>>([
    { kind: 'update' },
    { kind: 'remind' },
    { kind: 'close' },
    { severity: 'warning' },
    { collapsed: true },
  ])('calls nobody otherwise: %j', (changes) => {
    expect(shown(root(changes))).not.toContain('<!here>');
  });

  it('keeps what was said first when it is over, and strikes the title', () => {
    const text = shown(rootMessage(resolved, { ...setting, said: saidOf(opened) }));
    expect(text).toContain('✅ RESOLVED · after 12m 25s');
    expect(text).toContain('~VIP unreachable~');
    expect(text).toContain('ping 172.31.16.39: 0 of 3 replies');
    expect(text).toContain('then VIP: nobody (2 witnesses); primary: rc2; now VIP: rc1');
    expect(text).toContain('explains 2: DNS master down');
    expect(text).not.toContain('First steps');
  });

  it('says of a begin that comes after the end when it was', () => {
    const over = { ...resolved, collapsed: true };
    expect(shown(rootMessage(over, setting))).toContain(
      'Fired 2026-11-23 10:02:07 UTC to 2026-11-23 10:14:32 UTC; this notice is late.',
    );
  });

  it('shows times in UTC and on the reader’s clock, and for how long', () => {
    expect(shown(root({ at: later(250) }))).toContain(
      '2026-11-23 10:02:07 UTC · <!date^1795428127^{date_short_pretty} {time}|2026-11-23 10:02:07 UTC>\nfor 4m 10s',
    );
  });

  it('links nothing but the runbook and the dashboard, whole or not at all', () => {
    const actions = (changes: Partial<Notice>) =>
      blocksOf(root(changes)).flatMap((block) => (block.type === 'actions' ? block.elements : []));
    expect(actions({}).map(({ url }) => url)).toEqual([opened.runbook?.url, opened.dashboard]);
    expect(actions({ dashboard: `https://x/${'a'.repeat(2000)}` })).toHaveLength(1);
    expect(actions({ dashboard: 'javascript:alert(1)' })).toHaveLength(1);
    expect(actions({ dashboard: 'https://' })).toHaveLength(1);
    expect(shown(root({ runbook: { steps: [] } }))).toContain(
      'maasha runbook MaasHaVipUnreachable',
    );
  });

  it('never shows half of a command', () => {
    const long = `Wipe it: \`rm -rf /var/lib/postgresql/${'x'.repeat(400)}\``;
    const text = shown(root({ runbook: { steps: [long] } }));
    expect(text).not.toContain('rm -rf');
    expect(text).toContain('the rest is in the runbook');
  });
});

describe('text from the network', () => {
  const hostile =
    '<!channel> <@U0123456> @here <https://evil.example|ok> *b* _i_ ~s~ `c` ```x``` & :skull: > q';
  const message = root({
    summary: `> ${hostile}`,
    evidence: ['```', hostile, '``` <!here>'],
    holders: [hostile],
    labels: { node: hostile },
    explains: [{ rule: 'MaasHaNodeDown', labels: { node: hostile }, summary: hostile }],
    owner: { by: hostile, via: hostile },
    remark: hostile,
    runbook: { steps: [`do ${hostile}`, '`a <!here>` b'] },
    kind: 'update',
  });
  const text = shown(message);

  it('mentions nobody and links nowhere', () => {
    const commands = [...text.matchAll(/<([^>]*)>/g)].map(([, command]) => command);
    expect(commands.every((command) => command?.startsWith('!date^'))).toBe(true);
    expect(text).not.toMatch(/@here/);
    const markups = textsOf(blocksOf(message)).filter(({ type }) => type === 'mrkdwn');
    expect(markups.every(({ verbatim }) => verbatim === true)).toBe(true);
  });

  it('cannot end the block of the evidence', () => {
    const evidence = textsOf(blocksOf(message)).find((each) => each.text.startsWith('*Evidence'));
    expect(evidence?.text.split('```')).toHaveLength(3);
    expect(evidence?.text.endsWith('\n```')).toBe(true);
  });

  it('formats nothing', () => {
    const summary = textsOf(blocksOf(message)).find((each) => each.text.startsWith('›'));
    expect(summary?.text).not.toMatch(/[*~`]|:skull:|(^|\s)_|^&gt;/);
  });

  it('keeps names as they are', () => {
    expect(shown(root({ summary: 'pg_stat_replication of maas_rc1 is 3*4' }))).toContain(
      'pg_stat_replication of maas_rc1 is 3∗4',
    );
  });
});

describe('a reply', () => {
  it('says in one or two lines what happened', () => {
    expect(shown(replyMessage(acknowledged, setting))).toBe(
      '👀 *ACKED* Acknowledged by ann (slack).',
    );
    expect(shown(replyMessage(resolved, setting)).split('\n')).toEqual([
      '✅ *RESOLVED* Resolved after 12m 25s (good for long enough).',
      'VIP unreachable – region maas3',
    ]);
  });
});

const KINDS: readonly NoticeKind[] = [
  ...(['open', 'update', 'close', 'reopen', 'fold', 'unfold', 'mute', 'unmute'] as const),
  ...(['flapping', 'steady', 'retire', 'acknowledge', 'unacknowledge', 'remind'] as const),
  ...(['escalate', 'expiring', 'test'] as const),
];
const STANDINGS: readonly Shown[] = [
  ...(['firing', 'acknowledged', 'recovering', 'flapping', 'stale'] as const),
  ...(['explained', 'silenced', 'resolved', 'retired'] as const),
];
const NASTY = ['<!channel>', '```', '"\\', '&&&&', '😀', '\ud83d', '\u202e', '\n', '>', '__', ' '];
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .tuple(fc.constantFrom(...NASTY), fc.integer({ min: 1, max: 6000 }))
    .map(([part, times]) => part.repeat(times)),
  fc
    .array(fc.constantFrom(...NASTY, 'word', '`cmd`'), { maxLength: 400 })
    .map((all) => all.join('')),
);
const moment = fc.double({ min: -8.64e15, max: 9e15, noNaN: true }).map(instant);
const labels = fc.dictionary(text, text, { maxKeys: 5 });
const some = fc.array(text, { maxLength: 30 });
const notices: fc.Arbitrary<Notice> = fc.record(
  {
    kind: fc.constantFrom(...KINDS),
    reason: text,
    at: moment,
    region: text,
    rule: text,
    severity: fc.constantFrom('critical', 'warning', 'info'),
    labels,
    summary: text,
    standing: fc.constantFrom(...STANDINGS),
    episode: fc.record(
      { id: text, startsAt: moment, endsAt: moment },
      { requiredKeys: ['id', 'startsAt'] },
    ),
    owner: fc.record({ by: text, via: text }),
    root: fc.record({ rule: text, episode: text }),
    explains: fc.array(fc.record({ rule: text, labels, summary: text }), { maxLength: 20 }),
    evidence: some,
    holders: some,
    runbook: fc.record({ url: fc.oneof(fc.webUrl(), text), steps: some }),
    dashboard: fc.oneof(fc.webUrl({ withQueryParameters: true }), text),
    remark: text,
    collapsed: fc.boolean(),
    relapses: fc.nat(),
  },
  {
    requiredKeys: [
      ...(['kind', 'reason', 'at', 'region', 'rule', 'severity', 'labels', 'summary'] as const),
      ...(['standing', 'episode', 'explains', 'evidence', 'holders'] as const),
    ],
  },
);

describe('whatever a notice holds', () => {
  it('every message is within Slack’s limits, valid and calls nobody by itself', () => {
    fc.assert(
      fc.property(notices, text, (notice, note) => {
        const given = { monitor: note, said: saidOf(notice), note };
        const messages = [
          rootMessage(notice, given),
          replyMessage(notice, given),
          testMessage(notice, given),
          { text: plainText(notice, given), blocks: [], attachments: [] },
        ];
        for (const message of messages) {
          const whole = JSON.stringify(message);
          expect(refusalOf({ ...message })).toBeUndefined();
          expect(message.text.length).toBeLessThanOrEqual(3000);
          expect(whole.length).toBeLessThanOrEqual(12_000);
          expect(blocksOf(message).length).toBeLessThanOrEqual(9);
          expect(whole).not.toMatch(/\\ud[89a-f]/i);
          expect(whole).not.toMatch(/<(?!!date\^\d+\^)/);
        }
      }),
      { numRuns: 200 },
    );
  });
});
