import { describe, expect, it } from 'vitest';
import { choose } from '../../../alerts/outbox/choose.ts';
import type { Delivery } from '../../../alerts/outbox/delivery.ts';
import type { NoticeKind } from '../../../alerts/notice.ts';
import type { Severity } from '../../../src/core/rule.ts';
import { instant } from '../../../src/core/time.ts';
import { NOW, row } from './rows.ts';

const of = (
  episode: string,
  kind: NoticeKind,
  severity: Severity,
  change: Partial<Delivery> = {},
) => row(kind, 1, { episode, ...change }, { severity, episode: { id: episode, startsAt: NOW } });

describe('what a channel sends next', () => {
  it('is the most urgent: begins and ends of critical alerts before all else', () => {
    const waiting = [
      of('f', 'remind', 'critical'),
      of('e', 'update', 'critical'),
      of('d', 'close', 'warning'),
      of('c', 'open', 'warning'),
      of('b', 'escalate', 'critical'),
      of('a', 'close', 'critical'),
      of('0', 'open', 'critical'),
    ];
    const order: string[] = [];
    for (let left = waiting; left.length > 0;) {
      const choice = choose(left, NOW);
      if (choice.is !== 'send') break;
      order.push(choice.delivery.episode);
      left = left.filter((each) => each !== choice.delivery);
    }
    expect(order).toEqual(['0', 'a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('is never a later word of an episode while an earlier one is not settled', () => {
    const open = row('open', 1, { due: instant(NOW + 9000) });
    expect(choose([open, row('close', 2)], NOW)).toEqual({ is: 'wait', until: NOW + 9000 });
    expect(
      choose([{ ...open, stage: 'leased' }, row('close', 2)], instant(NOW + 9000)),
    ).toMatchObject({
      is: 'send',
      delivery: { seq: 1 },
    });
  });

  it('does not wait for a clock that was set back', () => {
    const failed = row('open', 1, { tried: NOW, attempts: 1, due: instant(NOW + 9000) });
    const hourBefore = instant(NOW - 3_600_000);
    expect(choose([failed], hourBefore)).toMatchObject({ is: 'send' });
    expect(choose([row('open', 1, { due: instant(NOW + 5000) })], hourBefore)).toMatchObject({
      is: 'send',
    });
  });

  it('is nothing when all is settled', () => {
    expect(
      choose([row('open', 1, { stage: 'sent' }), row('close', 2, { stage: 'dead' })], NOW),
    ).toEqual({ is: 'rest' });
  });
});
