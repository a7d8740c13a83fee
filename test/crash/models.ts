import { z } from 'zod';
import {
  DeliveryFailure,
  type Channel,
  type Mirror,
  type Notifier,
  type Parcel,
  type Receipt,
  type Thread,
} from '../../alerts/notifier.ts';
import { isoTime, seconds, type Instant } from '../../src/core/time.ts';
import { Book } from './book.ts';
import type { Ends } from './ends.ts';
import type { ChannelName, Fault } from './script.ts';

/*
 * The channels and their other ends as models in memory, for thousands of histories: a messenger that
 * can be asked what it has, mail that cannot, a mirror. They fail in the ways in which the real ones do.
 */

export function modelledEnds(): Ends & { readonly notifiers: readonly Notifier[] } {
  const book = new Book();
  return {
    book,
    addresses: { slack: {}, email: {}, alertmanager: {} },
    fault: (fault) => {
      book.fault(fault);
    },
    outages: (channels) => {
      book.outages(channels);
    },
    heal: () => {
      book.heal();
    },
    close: async () => {},
    notifiers: [
      notifier('slack', () => messenger(book)),
      notifier('email', () => mail(book)),
      notifier('alertmanager', (clock) => mirror(book, clock)),
    ],
  };
}

const notifier = (name: ChannelName, open: (now: () => Instant) => Channel | Mirror): Notifier => ({
  name,
  about: 'A model.',
  settings: z.strictObject({}),
  reaches: () => [],
  open: (_, around) => open(() => around.clock.now()),
});

const common = {
  is: 'channel',
  test: async () => 'it works',
  close: async () => {},
} as const;

/** Never answers; whoever called gives up. */
const silence = (): Promise<never> => new Promise(() => undefined);

/** Ends an attempt as the fault says; what was taken is in the book by then. */
async function answer({ is, retryAfter }: Fault, book: Book, channel: ChannelName): Promise<never> {
  switch (is) {
    case 'limited':
      throw new DeliveryFailure(
        'limited',
        'slow down',
        retryAfter === undefined ? {} : { retryAfter: seconds(retryAfter) },
      );
    case 'later':
      throw new DeliveryFailure('again', 'come again');
    case 'refused':
      throw new DeliveryFailure('refused', 'not this one');
    case 'denied':
      throw new DeliveryFailure('closed', 'we do not know you');
    case 'hangs':
      book.onHang(channel);
      return silence();
    case 'failed':
    case 'drops':
    case 'partial':
      throw new DeliveryFailure('unknown', 'no answer');
  }
}

/** What every attempt goes through. Returns what the other end says when all is well. */
async function attempt(
  book: Book,
  channel: ChannelName,
  { id }: Parcel,
  alone: boolean,
): Promise<void> {
  // As over a network: never within the same turn.
  await Promise.resolve();
  book.arrive(channel);
  if (book.isOut(channel)) throw outage(channel);
  const fault = book.next(channel);
  if (fault === undefined || fault.accepts === true || fault.is === 'partial')
    book.take(channel, id, alone, fault !== undefined && fault.is !== 'partial');
  if (fault !== undefined && fault.is !== 'partial') await answer(fault, book, channel);
}

/** A revoked token, a mail server that is down. */
const outage = (channel: ChannelName): DeliveryFailure =>
  channel === 'slack'
    ? new DeliveryFailure('closed', 'the token was revoked')
    : new DeliveryFailure('again', 'nobody is there');

const rootIn = ({ receipts }: Thread): Receipt[string] | undefined =>
  receipts.flatMap(({ root }) => root ?? []).at(-1);

const STANDS = new Set(['open', 'escalate']);

function messenger(book: Book): Channel {
  const stands = ({ notice }: Parcel): boolean =>
    STANDS.has(notice.kind) || notice.collapsed === true;
  const receiptOf = (parcel: Parcel, thread: Thread): Receipt => {
    const root = rootIn(thread);
    if (root !== undefined) return { root };
    return stands(parcel) ? { root: parcel.id } : { id: parcel.id };
  };
  return {
    ...common,
    test: async () => {
      if (book.isOut('slack')) throw outage('slack');
      return 'it works';
    },
    send: async (parcel, thread) => {
      await attempt(book, 'slack', parcel, rootIn(thread) === undefined);
      return receiptOf(parcel, thread);
    },
    find: async (parcel, thread) => {
      if (book.isOut('slack')) throw outage('slack');
      const found = book.accepted.some(
        ({ channel, id }) => channel === 'slack' && id === parcel.id,
      );
      return found ? receiptOf(parcel, thread) : undefined;
    },
  };
}

function mail(book: Book): Channel {
  return {
    ...common,
    test: async () => {
      if (book.isOut('email')) throw outage('email');
      return 'it works';
    },
    send: async (parcel, thread) => {
      const alone = thread.receipts.length === 0;
      const partial = book.peek('email')?.is === 'partial';
      await attempt(book, 'email', parcel, alone);
      return { id: parcel.id, ...(partial && { rejected: ['bob@example.org'] }) };
    },
  };
}

function mirror(book: Book, now: () => Instant): Mirror {
  return {
    is: 'mirror',
    mode: 'shadow',
    push: async (alerts) => {
      await Promise.resolve();
      const fault = book.isOut('alertmanager') ? undefined : book.next('alertmanager');
      const taken = !book.isOut('alertmanager') && fault?.is !== 'failed';
      for (const { annotations, severity, startsAt, endsAt } of taken ? alerts : [])
        book.pushed.push({
          at: book.now(),
          episode: annotations['episode_id'] ?? '',
          severity,
          startsAt: isoTime(startsAt),
          endsAt: isoTime(endsAt ?? ((now() + 240_000) as Instant)),
        });
      if (!taken || fault !== undefined) throw new DeliveryFailure('again', 'nobody took it');
    },
    test: async () => 'it works',
    close: async () => {},
  };
}
