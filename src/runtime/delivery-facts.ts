import { begins, ends, type Notice } from '../../alerts/notice.ts';
import { isSettled, type Delivery } from '../../alerts/outbox/delivery.ts';
import type { DeliveryFacts } from '../core/ports/monitor.ts';
import { between, seconds, type Instant } from '../core/time.ts';

/** A critical message that waits for longer than this means that the channel does not deliver. */
const CRITICAL_WAITS = seconds(120);
const LATELY = seconds(3600);

/**
 * How a channel delivers, from its rows.
 *
 * @param broken why it cannot be used at all, as its last test or attempt said
 */
export function deliveryFacts(
  channel: string,
  rows: readonly Delivery[],
  broken: string | undefined,
  now: Instant,
): DeliveryFacts {
  const waiting = rows.filter((each) => !isSettled(each) && each.due <= now);
  const oldest = Math.max(0, ...waiting.map(({ created }) => between(created, now)));
  const late = rows.find((each) => isLate(each, now));
  const lately = rows.filter(
    ({ settled }) => settled !== undefined && between(settled, now) < LATELY,
  );
  const dead = lately.filter(({ stage }) => stage === 'dead');
  // Somebody never heard that it began, or that it is over.
  const lost = dead.findLast(({ notice }) => isOwed(notice));
  const rejected = rejectedIn(lately);
  const why = broken ?? late?.trouble ?? dead.at(-1)?.trouble ?? rejected;
  return {
    channel,
    failing: [broken, late, lost, rejected].some((each) => each !== undefined),
    dead: dead.length,
    ...(waiting.length > 0 && { oldest: seconds(oldest) }),
    ...(why !== undefined && { why }),
  };
}

const isOwed = (notice: Notice): boolean =>
  begins(notice) || ends(notice) || notice.kind === 'reopen';

const isLate = (delivery: Delivery, now: Instant): boolean =>
  !isSettled(delivery) &&
  delivery.notice.severity === 'critical' &&
  isOwed(delivery.notice) &&
  between(delivery.created, now) > CRITICAL_WAITS;

/** Recipients that did not get what others got. */
function rejectedIn(lately: readonly Delivery[]): string | undefined {
  const rejected = lately.flatMap(({ receipt }) => {
    const found = receipt?.['rejected'];
    return Array.isArray(found) ? (found as readonly string[]) : [];
  });
  return rejected.length === 0
    ? undefined
    : `refused for ${[...new Set(rejected)].join(', ')}; delivered to the others`;
}
