import { instant, type Instant } from '../../src/core/time.ts';
import { ends, type Notice } from '../notice.ts';
import { isSettled, type Delivery } from './delivery.ts';

/** How urgent a notice is, 0 first: a critical alert's begin, its end, an escalation, other begins, other ends, news, reminders. */
function urgency({ kind, severity }: Pick<Notice, 'kind' | 'severity'>): number {
  const critical = severity === 'critical';
  if (kind === 'open' || kind === 'reopen') return critical ? 0 : 3;
  if (ends({ kind })) return critical ? 1 : 4;
  if (kind === 'escalate') return 2;
  return kind === 'remind' ? 6 : 5;
}

/** What one channel does next. */
export type Choice =
  | { readonly is: 'send'; readonly delivery: Delivery }
  /** Nothing can be sent before this moment. */
  | { readonly is: 'wait'; readonly until: Instant }
  | { readonly is: 'rest' };

/**
 * The next delivery of one channel: of each episode only the oldest unsettled one may go (so that a
 * thread never ends before it began), of those that are due the most urgent one, then the oldest.
 */
export function choose(deliveries: Iterable<Delivery>, now: Instant): Choice {
  const heads = headsOf(deliveries);
  const [first, ...others] = heads.filter((head) => isDue(head, now));
  if (first !== undefined)
    return {
      is: 'send',
      delivery: others.reduce((best, each) => (before(each, best) ? each : best), first),
    };
  if (heads.length === 0) return { is: 'rest' };
  return { is: 'wait', until: instant(Math.min(...heads.map(({ due }) => due))) };
}

/**
 * Its time has come, or can no longer be told: a clock that shows a time before the attempt (or the row's
 * own making) has been set back, and nothing waits an hour for that.
 */
const isDue = ({ due, tried, created }: Delivery, now: Instant): boolean =>
  due <= now || now < (tried ?? created);

/** Of each episode the oldest delivery that is not settled. */
function headsOf(deliveries: Iterable<Delivery>): readonly Delivery[] {
  const heads = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    if (isSettled(delivery)) continue;
    const head = heads.get(delivery.episode);
    if (head === undefined || delivery.seq < head.seq) heads.set(delivery.episode, delivery);
  }
  return [...heads.values()];
}

const before = (a: Delivery, b: Delivery): boolean =>
  urgency(a.notice) - urgency(b.notice) < 0 ||
  (urgency(a.notice) === urgency(b.notice) && a.created < b.created);
