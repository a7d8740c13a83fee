import type { Notice, NoticeKind } from '../../../alerts/notice.ts';
import type { Delivery } from '../../../alerts/outbox/delivery.ts';
import { instant } from '../../../src/core/time.ts';

export const NOW = instant(1_795_430_000_000);

/** A notice of one critical episode. */
export const notice = (kind: NoticeKind, change: Partial<Notice> = {}): Notice => ({
  kind,
  reason: 'a test',
  at: NOW,
  region: 'maas3',
  rule: 'MaasHaVipUnreachable',
  severity: 'critical',
  labels: {},
  summary: 'nobody answers at the VIP',
  standing: 'firing',
  episode: { id: '01J0000000000000000000EP01', startsAt: NOW },
  explains: [],
  evidence: [],
  holders: [],
  ...change,
});

/** A row of it on one channel. */
export const row = (
  kind: NoticeKind,
  seq: number,
  change: Partial<Delivery> = {},
  about: Partial<Notice> = {},
): Delivery => {
  const told = notice(kind, about);
  const channel = change.channel ?? 'slack';
  return {
    id: `${told.episode.id}/${channel}/${kind}/${seq}`,
    channel,
    episode: told.episode.id,
    seq,
    notice: told,
    stage: 'queued',
    created: NOW,
    due: NOW,
    attempts: 0,
    ...change,
  };
};
