import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Notice, NoticeKind } from '../../alerts/notice.ts';
import { isSettled, type Delivery } from '../../alerts/outbox/delivery.ts';
import { instant } from '../../src/core/time.ts';
import type { Entry } from '../../src/store/store.ts';

export const notice = (episode: string, kind: NoticeKind = 'open'): Notice => ({
  kind,
  reason: 'bad for long enough',
  at: instant(1000),
  region: 'maas3',
  rule: 'MaasHaNodeDown',
  severity: 'critical',
  labels: { node: 'rc2' },
  summary: 'rc2 does not answer',
  standing: 'firing',
  episode: { id: episode, startsAt: instant(1000) },
  explains: [],
  evidence: ['ICMP: no reply within 2 s'],
  holders: ['VIP: rc1 (2 witnesses)'],
});

/** A delivery that waits; with a stage of rest it came to rest at 2000. */
export const delivery = (
  changes: Partial<Delivery> & { readonly kind?: NoticeKind } = {},
): Delivery => {
  const { kind = 'open', ...rest } = changes;
  const { episode = 'E1', channel = 'slack', seq = 1 } = rest;
  return {
    id: `${episode}/${channel}/${kind}/${seq}`,
    channel,
    episode,
    seq,
    notice: notice(episode, kind),
    stage: 'queued',
    created: instant(1000),
    due: instant(1000),
    attempts: 0,
    ...(rest.stage !== undefined && isSettled({ stage: rest.stage }) && { settled: instant(2000) }),
    ...rest,
  };
};

export const entry = (at: number, changes: Partial<Entry> = {}): Entry => ({
  at: instant(at),
  region: 'maas3',
  what: 'transition',
  says: { kind: 'open', number: at },
  ...changes,
});

/** A folder of its own for the time of one test. */
export async function inFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'maasha-store-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
