import { describe, expect, it } from 'vitest';
import type { Notice } from '../../../alerts/notice.ts';
import type { Delivery } from '../../../alerts/outbox/delivery.ts';
import { plan, refreshed, type Route } from '../../../alerts/outbox/plan.ts';
import { seconds } from '../../../src/core/time.ts';
import { notice, NOW, row } from './rows.ts';

const slack: Route = { channel: 'slack', from: 'warning', level: 0, edits: true };
const email: Route = { channel: 'email', from: 'critical', level: 0, edits: false };
const pager: Route = { channel: 'pager', from: 'critical', level: 1, edits: false };

/** Each delivery in short: `slack open queued`. */
const planned = (
  told: Notice,
  deliveries: readonly Delivery[] = [],
  routes: readonly Route[] = [slack],
  elsewhere = false,
): readonly string[] =>
  plan(told, { routes, deliveries, now: NOW, gather: seconds(5), elsewhere }).map(
    (each) =>
      `${each.channel} ${each.notice.kind} ${each.stage}${each.notice.collapsed === true ? ' collapsed' : ''}`,
  );

const sent = { stage: 'sent' } as const;

describe('who is told of a new alert', () => {
  it('is every channel whose severity it reaches, and none that waits for an escalation', () => {
    expect(planned(notice('open'), [], [slack, email, pager])).toEqual([
      'slack open queued',
      'email open queued',
    ]);
    expect(planned(notice('open', { severity: 'warning' }), [], [slack, email])).toEqual([
      'slack open queued',
    ]);
  });

  it('is a channel of its region only', () => {
    const other = { ...slack, regions: ['maas9'] };
    expect(planned(notice('open'), [], [other])).toEqual([]);
    expect(planned(notice('open', { region: 'maas9' }), [], [other])).toEqual([
      'slack open queued',
    ]);
  });

  it('is nobody while somebody else tells people, but what began is ended all the same', () => {
    expect(planned(notice('open'), [], [slack], true)).toEqual([]);
    expect(planned(notice('close'), [row('open', 1, sent)], [slack], true)).toEqual([
      'slack close queued',
    ]);
  });

  it('is told only after what it explains could gather, and then with it', () => {
    const [open] = plan(notice('open'), {
      routes: [slack],
      deliveries: [],
      now: NOW,
      gather: seconds(5),
    });
    expect(open?.due).toBe(NOW + 5000);
    const child = { rule: 'MaasHaDnsMasterDown', labels: {}, summary: 'no DNS' };
    const later = open && refreshed(open, notice('update', { explains: [child] }));
    expect(later?.notice).toMatchObject({ kind: 'open', explains: [child] });
    expect(open && refreshed(open, notice('update'))).toBeUndefined();
  });

  it('is one more channel when it becomes more severe', () => {
    const told = [row('open', 1, sent, { severity: 'warning' })];
    expect(planned(notice('update'), told, [slack, email])).toEqual([
      'slack update queued',
      'email open queued',
    ]);
  });

  it('is one more channel when it escalates, and the first one again', () => {
    const told = [row('open', 1, sent)];
    expect(planned(notice('escalate', { level: 1 }), told, [slack, pager])).toEqual([
      'slack escalate queued',
      'pager escalate queued',
    ]);
  });

  it('is nobody when there is nobody to escalate to', () => {
    expect(planned(notice('escalate', { level: 1 }), [row('open', 1, sent)])).toEqual([]);
    expect(
      planned(notice('escalate', { level: 2 }), [row('open', 1, sent)], [slack, pager]),
    ).toEqual(['pager escalate queued']);
  });
});

describe('the close contract', () => {
  it.each(['mute', 'fold', 'flapping', 'acknowledge'] as const)(
    'holds whatever is said in between: %s',
    (kind) => {
      const told = [row('open', 1, sent), row(kind, 2, sent)];
      expect(planned(notice('close'), told, [])).toEqual(['slack close queued']);
    },
  );

  it('owes nothing to who was told nothing', () => {
    expect(planned(notice('close'), [], [slack, email])).toEqual([]);
  });

  it('is fulfilled once', () => {
    const told = [row('open', 1, sent), row('close', 2)];
    expect(planned(notice('close'), told)).toEqual([]);
  });

  it('makes one message of a begin that surely did not get through, and its end', () => {
    const waits = row('open', 1, { attempts: 3, trouble: 'refused' });
    expect(planned(notice('close'), [waits])).toEqual([
      'slack open superseded',
      'slack close queued collapsed',
    ]);
    expect(planned(notice('close'), [row('open', 1, { stage: 'dead' })])).toEqual([
      'slack close queued collapsed',
    ]);
  });

  it.each(['leased', 'doubtful'] as const)(
    'lets the end follow a begin that may have got through: %s',
    (stage) => {
      expect(planned(notice('close'), [row('open', 1, { stage })])).toEqual(['slack close queued']);
    },
  );

  it('holds for a channel that only an escalation brought in', () => {
    const told = [row('escalate', 1, { ...sent, channel: 'pager' })];
    expect(planned(notice('close'), told, [])).toEqual(['pager close queued']);
  });

  it('begins anew when the episode does', () => {
    const told = [row('open', 1, sent), row('close', 2, sent)];
    expect(planned(notice('reopen'), told)).toEqual(['slack reopen queued']);
    expect(planned(notice('close'), [...told, row('reopen', 3, sent)])).toEqual([
      'slack close queued',
    ]);
  });
});

describe('what is said in between', () => {
  it('replaces news that were not sent yet, and nothing else', () => {
    const told = [row('open', 1, sent), row('acknowledge', 2), row('update', 3)];
    expect(planned(notice('update', { summary: 'it is worse now' }), told)).toEqual([
      'slack update superseded',
      'slack update queued',
    ]);
  });

  it('is not what was in the first message already', () => {
    const explains = [{ rule: 'MaasHaDnsMasterDown', labels: {}, summary: 'no DNS' }];
    const told = [row('open', 1, sent, { explains })];
    expect(planned(notice('update', { explains }), told)).toEqual([]);
    expect(planned(notice('update'), told)).toEqual(['slack update queued']);
  });

  it('is only what is graver, where each message is a new one', () => {
    const mail = (severity: 'warning' | 'critical') => [
      row('open', 1, { ...sent, channel: 'email' }, { severity }),
    ];
    const worse = notice('update', { summary: 'it is worse now' });
    expect(planned(worse, mail('critical'), [email])).toEqual([]);
    expect(planned(worse, mail('warning'), [email])).toEqual(['email update queued']);
  });

  it('is nothing at all, if the alert is hidden before anybody was told', () => {
    expect(planned(notice('fold'), [row('open', 1)])).toEqual(['slack open superseded']);
    expect(planned(notice('close'), [row('open', 1, { stage: 'superseded' })])).toEqual([]);
  });

  it('begins the episode for who learns of it only now', () => {
    expect(planned(notice('unfold'), [row('open', 1, { stage: 'superseded' })])).toEqual([
      'slack open queued',
    ]);
    expect(planned(notice('acknowledge'))).toEqual([]);
    expect(planned(notice('remind'))).toEqual([]);
  });

  it('warns of the end of a silence even where nothing was told', () => {
    expect(planned(notice('expiring'))).toEqual(['slack expiring queued']);
  });
});
