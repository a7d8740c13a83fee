import { describe, expect, it } from 'vitest';
import type { Transition } from '../../alerts/transition.ts';
import { instant } from '../../src/core/time.ts';
import type { Heard } from './messages-post.ts';
import { complaintsOf, tableOf, toldIn, type Trial } from './messages-report.ts';

/* Whoever judges the messages has to be right about them. */

const heard = (channel: Heard['channel'], kind: string, episode: string, at: number): Heard => ({
  at,
  channel,
  kind,
  episode,
  says: episode,
});

/** All that is heard of one episode that goes as it should. */
const whole = (episode: string): readonly Heard[] =>
  (['slack', 'email', 'alertmanager'] as const).flatMap((channel) => [
    heard(channel, 'open', episode, 30_000),
    heard(channel, 'close', episode, 160_000),
  ]);

const transition = (rule: string, change: Partial<Transition>): Transition => ({
  kind: 'open',
  reason: 'nothing explains it',
  at: instant(30_000),
  fingerprint: rule,
  rule,
  severity: 'critical',
  labels: {},
  summary: rule,
  told: true,
  episode: { id: 'A', startsAt: instant(30_000) },
  ...change,
});

const trial = (messages: readonly Heard[]): Trial => ({
  fault: 'some-fault',
  injected: 0,
  healed: 100_000,
  heard: messages,
  transitions: [
    transition('MaasHaVipUnreachable', {}),
    transition('MaasHaDnsMasterDown', {
      kind: 'fold',
      episode: { id: 'C', startsAt: instant(40_000) },
      into: { fingerprint: 'x', rule: 'MaasHaVipUnreachable', episode: 'A' },
    }),
  ],
  remarks: [],
});

describe('the report on messages', () => {
  it('finds nothing wrong with one open and one close in every channel', () => {
    expect(complaintsOf(trial(whole('A')))).toEqual([]);
    expect(toldIn(trial(whole('A')))).toEqual([
      {
        name: 'MaasHaVipUnreachable',
        severity: 'critical',
        opened: 30,
        closed: 60,
        explains: ['MaasHaDnsMasterDown'],
        kinds: { slack: ['open', 'close'], email: ['open', 'close'] },
        runbook: 'none',
      },
    ]);
  });

  it('shows it in one row', () => {
    const rows = tableOf([trial(whole('A'))]).split('\n');
    expect(rows[2]).toMatch(/^\| some-fault \| MaasHaVipUnreachable \(critical\) \+30 s/);
    expect(rows[2]).toMatch(/as it should be \|$/);
  });

  it.each<[string, readonly Heard[], RegExp]>([
    ['a second incident', [...whole('A'), ...whole('B')], /2 incidents instead of one/],
    [
      'a second open',
      [heard('slack', 'open', 'A', 1), ...whole('A')],
      /slack: MaasHaVipUnreachable: open, open, close/,
    ],
    [
      'an open that is never closed',
      whole('A').filter(({ channel, kind }) => channel !== 'email' || kind !== 'close'),
      /email: MaasHaVipUnreachable: open$/,
    ],
    [
      'a close that comes twice',
      [...whole('A'), heard('slack', 'close', 'A', 170_000)],
      /slack: .*: open, close, close/,
    ],
    [
      'a channel that hears nothing',
      whole('A').filter(({ channel }) => channel !== 'email'),
      /email: .*: nothing/,
    ],
    [
      'an alert that Alertmanager goes on to hold',
      [...whole('A'), heard('alertmanager', 'explained', 'C', 50_000)],
      /alertmanager: C not closed/,
    ],
  ])('complains of %s', (_, messages, complaint) => {
    expect(complaintsOf(trial(messages)).join('; ')).toMatch(complaint);
  });
});
