import { instant, seconds, type Instant, type Seconds } from '../../src/core/time.ts';
import type { DeliveryFailure, Receipt } from '../notifier.ts';
import type { Delivery } from './delivery.ts';

/** How patient the outbox is. */
export interface Persistence {
  /** The first pause after a failure; each further one is twice as long, up to `longest`, and of each a random part is taken. */
  readonly first: Seconds;
  readonly longest: Seconds;
  /** After this long it is given up. */
  readonly criticalFor: Seconds;
  readonly othersFor: Seconds;
  /** A pause that the other end asked for without saying how long. */
  readonly unnamedPause: Seconds;
  /** How soon a channel that a person must mend may take it at the earliest. */
  readonly mendingTakes: Seconds;
  /** Before a channel is asked whether it has what it was sent, and again between two such questions. */
  readonly askAfter: Seconds;
}

export const PERSISTENCE: Persistence = {
  first: seconds(2),
  longest: seconds(300),
  criticalFor: seconds(86_400),
  othersFor: seconds(21_600),
  unnamedPause: seconds(30),
  mendingTakes: seconds(30),
  askAfter: seconds(3),
};

/** What an attempt came to: a receipt, a failure, or (`nothing`) no answer to the question whether it was accepted. */
export type Outcome =
  | { readonly is: 'accepted'; readonly receipt: Receipt }
  | { readonly is: 'failed'; readonly failure: DeliveryFailure }
  | { readonly is: 'absent' };

const later = (moment: Instant, by: Seconds): Instant => instant(moment + by * 1000);

/** The moment at which it is given up. */
const expiry = ({ created, notice }: Delivery, persistence: Persistence): Instant =>
  later(created, notice.severity === 'critical' ? persistence.criticalFor : persistence.othersFor);

/** Full jitter: anything between nothing and twice as much as the time before. */
const pause = (attempts: number, { first, longest }: Persistence, random: () => number): Seconds =>
  seconds(random() * Math.min(longest, first * 2 ** Math.min(attempts, 20)));

/** The row with an attempt under way. To be stored before anything is sent. */
export const leased = (delivery: Delivery, now: Instant): Delivery => ({
  ...delivery,
  stage: 'leased',
  tried: now,
});

/**
 * The row after an attempt. Nothing is lost here: a row ends as `sent` with a receipt or as `dead` with
 * the reason, and `limited` and `closed` cost no attempt.
 */
export function settled(
  delivery: Delivery,
  outcome: Outcome,
  now: Instant,
  random: () => number,
  persistence: Persistence = PERSISTENCE,
): Delivery {
  switch (outcome.is) {
    case 'accepted':
      return { ...without(delivery), stage: 'sent', settled: now, receipt: outcome.receipt };
    case 'absent':
      // Not there, asked twice with a pause between: what is sent now is no repetition.
      return delivery.asked === true
        ? { ...delivery, stage: 'queued', due: now, asked: false }
        : { ...delivery, stage: 'doubtful', due: later(now, persistence.askAfter), asked: true };
    case 'failed':
      return failed(delivery, outcome.failure, now, random, persistence);
  }
}

/** A row without what went wrong before it went well. */
function without(delivery: Delivery): Delivery {
  const kept = Object.entries(delivery).filter(([field]) => field !== 'trouble');
  return Object.fromEntries(kept) as unknown as Delivery;
}

function failed(
  delivery: Delivery,
  failure: DeliveryFailure,
  now: Instant,
  random: () => number,
  persistence: Persistence,
): Delivery {
  const { trouble, message } = failure;
  const isTry = trouble !== 'limited' && trouble !== 'closed';
  const attempts = delivery.attempts + Number(isTry);
  const tried = { ...delivery, trouble: message, attempts };
  const end = expiry(delivery, persistence);
  if (trouble === 'refused' || now >= end) return { ...tried, stage: 'dead', settled: now };
  const wait = waitAfter(failure, tried, random, persistence);
  return {
    ...tried,
    // A question that could not be answered leaves the doubt.
    stage: delivery.stage === 'doubtful' || trouble === 'unknown' ? 'doubtful' : 'queued',
    // A pause beyond its life must not keep it from being given up.
    due: instant(Math.min(later(now, wait), end)),
    ...(trouble === 'limited' && { pause: later(now, wait) }),
  };
}

function waitAfter(
  { trouble, retryAfter }: DeliveryFailure,
  { stage, attempts }: Delivery,
  random: () => number,
  persistence: Persistence,
): Seconds {
  if (trouble === 'limited') return seconds((retryAfter ?? persistence.unnamedPause) + random());
  if (trouble === 'closed') return persistence.mendingTakes;
  if (trouble === 'unknown' && stage !== 'doubtful') return persistence.askAfter;
  return pause(attempts, persistence, random);
}

/** Rows whose attempt was under way when the process died: nobody knows how it ended. */
export const orphaned = (delivery: Delivery, now: Instant): Delivery =>
  delivery.stage === 'leased'
    ? {
        ...delivery,
        stage: 'doubtful',
        due: now,
        // It was really made: whoever plans must not take it for one that nobody can have heard of.
        attempts: delivery.attempts + 1,
        trouble: 'the monitor was stopped while it was sent',
      }
    : delivery;
