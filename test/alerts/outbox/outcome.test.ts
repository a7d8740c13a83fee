import { describe, expect, it } from 'vitest';
import { DeliveryFailure, type Trouble } from '../../../alerts/notifier.ts';
import type { Delivery } from '../../../alerts/outbox/delivery.ts';
import { orphaned, PERSISTENCE, settled } from '../../../alerts/outbox/outcome.ts';
import { instant, seconds } from '../../../src/core/time.ts';
import { NOW, row } from './rows.ts';

const half = (): number => 0.5;
const failed = (delivery: Delivery, trouble: Trouble, retryAfter?: number, now = NOW): Delivery =>
  settled(
    delivery,
    {
      is: 'failed',
      failure: new DeliveryFailure(
        trouble,
        'what went wrong',
        retryAfter === undefined ? {} : { retryAfter: seconds(retryAfter) },
      ),
    },
    now,
    half,
  );
const leased = (change: Partial<Delivery> = {}): Delivery =>
  row('open', 1, { stage: 'leased', ...change });

describe('an attempt', () => {
  it('that was accepted leaves a receipt, and no trouble from before', () => {
    const after = settled(
      leased({ trouble: 'from before' }),
      { is: 'accepted', receipt: { ts: '1' } },
      NOW,
      half,
    );
    expect(after).toMatchObject({ stage: 'sent', settled: NOW, receipt: { ts: '1' } });
    expect(after.trouble).toBeUndefined();
  });

  it('that the other end wants later waits exactly as long as it says, and was none', () => {
    expect(failed(leased(), 'limited', 17)).toMatchObject({
      stage: 'queued',
      attempts: 0,
      due: NOW + 17_500,
    });
  });

  it('that the other end wants later without a time waits the usual pause', () => {
    expect(failed(leased(), 'limited')).toMatchObject({
      attempts: 0,
      due: NOW + 1000 * PERSISTENCE.unnamedPause + 500,
    });
  });

  it.each([
    [0, 2],
    [1, 4],
    [4, 32],
    [30, 150],
  ])('that surely failed after %i others waits %i s on the average', (attempts, wait) => {
    expect(failed(leased({ attempts }), 'again')).toMatchObject({
      stage: 'queued',
      attempts: attempts + 1,
      due: NOW + wait * 1000,
    });
  });

  it('without an answer leaves a doubt, which is asked about before it is sent again', () => {
    expect(failed(leased(), 'unknown')).toMatchObject({
      stage: 'doubtful',
      attempts: 1,
      due: NOW + 3000,
    });
  });

  it('that will never be accepted is given up with the reason', () => {
    expect(failed(leased(), 'refused')).toMatchObject({
      stage: 'dead',
      settled: NOW,
      trouble: 'what went wrong',
    });
  });

  it('at a channel that a person must mend keeps the row, whatever was tried before', () => {
    expect(failed(leased({ attempts: 9 }), 'closed')).toMatchObject({
      stage: 'queued',
      attempts: 9,
    });
  });

  it.each([
    ['critical', 86_400],
    ['warning', 21_600],
  ] as const)('of a %s alert is given up after %i s', (severity, life) => {
    const delivery = row('open', 1, { stage: 'leased' }, { severity });
    const before = instant(NOW + life * 1000 - 1);
    expect(failed(delivery, 'again', undefined, before).stage).toBe('queued');
    expect(failed(delivery, 'again', undefined, instant(before + 1)).stage).toBe('dead');
  });
});

describe('a doubt', () => {
  const doubtful = row('open', 1, { stage: 'doubtful', attempts: 1 });

  it('ends when the channel has what was sent', () => {
    expect(settled(doubtful, { is: 'accepted', receipt: {} }, NOW, half).stage).toBe('sent');
  });

  it('ends only when the channel has not had it twice', () => {
    const once = settled(doubtful, { is: 'absent' }, NOW, half);
    expect(once).toMatchObject({ stage: 'doubtful', due: NOW + 3000 });
    expect(settled(once, { is: 'absent' }, NOW, half)).toMatchObject({ stage: 'queued', due: NOW });
  });

  it.each(['limited', 'again', 'closed', 'unknown'] as const)(
    'stays when the question failed: %s',
    (trouble) => {
      expect(failed(doubtful, trouble).stage).toBe('doubtful');
    },
  );

  it('is what a crash leaves of an attempt', () => {
    expect(orphaned(leased(), NOW).stage).toBe('doubtful');
    expect(orphaned(row('open', 1), NOW).stage).toBe('queued');
  });
});
